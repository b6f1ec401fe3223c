import { encodePaymentHeader, encodeSegmentHeader, type Payment, type SegData } from '@lp/protocol';
import {
  EMPTY_HASH,
  hexToBytes,
  loadCrypto,
  type MessageSigner,
  SignerAnswerError,
  segmentMessage,
} from '../index.ts';
import { ticketHasher } from '../ticket-hash.ts';
import { type CreditReport, paymentCredit } from './credit.ts';
import { type LivePaymentRequest, openPayment } from './open.ts';
import { type PaymentPlan, type PlanContext, planPayment } from './plan.ts';
import { encodeState, type SignedState, type SignerState } from './state.ts';

/** What is signed and encoded: a decided payment with its next state as bytes. */
export interface SignablePayment
  extends Pick<PaymentPlan, 'opened' | 'nonces' | 'template' | 'expirationParams'> {
  /** The next state, encoded. */
  readonly state: Uint8Array;
  /** The same as a value, where it is at hand: saves decoding it. */
  readonly nextState?: SignerState;
}

/** The signatures that turn a plan into money. Whoever holds them can pay. */
export interface PaymentSignatures {
  /** 65 bytes per ticket, in the order of `plan.nonces`. */
  readonly tickets: readonly Uint8Array[];
  /** Over the manifest id (payments.md section 3.2). */
  readonly segment: Uint8Array;
  /** The next state with its signature. */
  readonly state: SignedState;
}

/** What `POST /generate-live-payment` answers (remote-signer.md section 1.4). */
export interface PaymentAnswer {
  /** Value of the header `Livepeer-Payment`. */
  readonly payment: string;
  /** Value of the header `Livepeer-Segment`. */
  readonly segCreds: string;
  /** To be sent with the next call. */
  readonly state: SignedState;
  /** Our extension: how the session stands once this payment has arrived. */
  readonly credit: CreditReport;
}

/** What one whole call needs. */
export interface SenderContext extends Omit<PlanContext, 'sender'> {
  /** Holds the key; its address is the sender. */
  readonly signer: MessageSigner;
  /** CSPRNG, for state ids. */
  readonly random: { bytes(length: number): Uint8Array };
  readonly signal?: AbortSignal;
}

const PROFILES_OF_A_PAYMENT = new TextEncoder().encode('invalid');

/**
 * One `POST /generate-live-payment` without HTTP, chain reads and webhook (remote-signer.md section 2): open, plan,
 * sign, encode. A server that records what it signs calls the four steps itself and commits after the second.
 *
 * @throws SignerRefusal; whatever the message signer throws.
 */
export async function answerPayment(
  request: LivePaymentRequest,
  context: SenderContext,
): Promise<PaymentAnswer> {
  const { signer, random, signal } = context;
  const opened = openPayment(request, { sender: signer.address, random });
  const plan = planPayment(opened, { ...context, sender: signer.address });
  const payment: SignablePayment = { ...plan, state: encodeState(plan.nextState) };
  return encodeAnswer(payment, await signPayment(payment, signer, signal === undefined ? {} : { signal }));
}

/**
 * Signs tickets, manifest id and next state of a payment, in one batch. Nothing is checked any more.
 *
 * @throws TicketError; SignerAnswerError; the signal's reason; what the signer throws.
 */
export async function signPayment(
  { opened, template, nonces, state }: SignablePayment,
  signer: MessageSigner,
  options: {
    readonly signal?: AbortSignal;
    /** The signature over the manifest id, where it was made before: it is the same in every payment of a session. */
    readonly segment?: Uint8Array | undefined;
  } = {},
): Promise<PaymentSignatures> {
  const { signal, segment } = options;
  await loadCrypto();
  signal?.throwIfAborted();
  const messages = [...nonces.map(ticketHasher(template)), state];
  if (segment === undefined) messages.push(segmentMessage(opened.manifestId));
  const signatures = await signer.signMessages(messages, signal === undefined ? {} : { signal });
  if (signatures.length !== messages.length || signatures.some(({ length }) => length !== 65)) {
    throw new SignerAnswerError(`the signer must return ${messages.length} signatures of 65 bytes`);
  }
  const [sig, made] = signatures.slice(nonces.length);
  return {
    tickets: signatures.slice(0, nonces.length),
    segment: segment ?? made ?? missingSignature(),
    state: { state, sig: sig ?? missingSignature() },
  };
}

/** The wire form of a signed payment (remote-signer.md section 1.4). */
export function encodeAnswer(payment: SignablePayment, signatures: PaymentSignatures): PaymentAnswer {
  return {
    payment: encodePaymentHeader(paymentOf(payment, signatures.tickets)),
    segCreds: encodeSegmentHeader(segDataOf(payment, signatures.segment)),
    state: signatures.state,
    credit: paymentCredit(payment),
  };
}

function paymentOf(plan: SignablePayment, signatures: readonly Uint8Array[]): Payment {
  const { ticketParams, priceInfo } = plan.opened.offer;
  const { expirationParams: _inPayment, ...params } = ticketParams;
  return {
    ticketParams: params,
    sender: plan.template.sender,
    expirationParams: plan.expirationParams,
    ticketSenderParams: plan.nonces.map((senderNonce, index) => ({
      senderNonce,
      sig: signatures[index] ?? missingSignature(),
    })),
    expectedPrice: priceInfo,
  };
}

function segDataOf({ opened }: SignablePayment, sig: Uint8Array): SegData {
  const { capabilities, manifestId, offer } = opened;
  return {
    manifestId,
    seq: 0n,
    hash: hexToBytes(EMPTY_HASH, 32),
    profiles: PROFILES_OF_A_PAYMENT,
    sig,
    durationMs: 0,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(offer.authToken === undefined ? {} : { authToken: offer.authToken }),
  };
}

function missingSignature(): never {
  throw new SignerAnswerError('the message signer returned fewer signatures than tickets');
}
