import { privateKeySigner, segmentMessage, signTickets } from '@lp/pm';
import {
  challengeInfo,
  encodePaymentHeader,
  encodeSegmentHeader,
  type Hex,
  type OrchestratorInfo,
  type Payment,
  parseChallenge,
} from '@lp/protocol';
import type { PaymentHeaders } from '../src/payments/desk.ts';

/** What a test may change in a payment. */
export interface PaymentChange {
  readonly nonces?: readonly number[];
  readonly manifestId?: string;
  readonly payment?: (payment: Payment) => Payment;
}

/** A client with its own key that pays challenges as a gateway does. */
export interface PayingSender {
  readonly address: Hex;
  /** Payment headers for a challenge, one ticket with nonce 1 unless told. */
  pay(challenge: string | OrchestratorInfo, change?: PaymentChange): Promise<PaymentHeaders>;
}

/** The sender of `privateKey`. */
export function payingSender(privateKey: Hex): PayingSender {
  const signer = privateKeySigner(privateKey);
  return {
    address: signer.address,
    async pay(challenge, change = {}) {
      const info = typeof challenge === 'string' ? challengeInfo(parseChallenge(challenge)) : challenge;
      const { ticketParams, authToken, priceInfo } = info;
      if (!ticketParams?.expirationParams || !authToken || !priceInfo) throw new Error('incomplete offer');
      const { expirationParams, ...params } = ticketParams;
      const nonces = change.nonces ?? [1];
      const signatures = await signTickets(
        { ...params, ...expirationParams, sender: signer.address, senderNonce: 0 },
        nonces,
        signer,
      );
      const payment: Payment = {
        ticketParams: params,
        sender: signer.address,
        expirationParams,
        ticketSenderParams: nonces.map((senderNonce, i) => ({
          senderNonce,
          sig: signatures[i] as Uint8Array,
        })),
        expectedPrice: priceInfo,
      };
      const manifestId = change.manifestId ?? authToken.sessionId;
      const [sig] = await signer.signMessages([segmentMessage(manifestId)]);
      return {
        payment: encodePaymentHeader(change.payment?.(payment) ?? payment),
        segment: encodeSegmentHeader({
          manifestId,
          seq: 0n,
          hash: EMPTY,
          profiles: new TextEncoder().encode('invalid'),
          sig: sig as Uint8Array,
          durationMs: 0,
          authToken,
        }),
      };
    },
  };
}

/** keccak-256 of nothing. */
const EMPTY = Uint8Array.from(
  Buffer.from('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470', 'hex'),
);
