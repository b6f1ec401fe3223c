import { ratio } from '@lp/pricing';
import type { Hex, Payment, TicketParams } from '@lp/protocol';
import type { SenderInfo } from '../chain/port.ts';
import {
  bytesToHex,
  bytesToUint,
  drawBytes,
  evQuanta,
  hexToBytes,
  isWinningDraw,
  type Ticket,
  ticketHasher,
  uint256Bytes,
  verifySignatureBytes,
} from '../index.ts';
import type { NonceStore } from './nonces.ts';
import type { RandCommitment, RecipientRand } from './recipient-rand.ts';
import { isUnlockingSoon } from './reserve.ts';
import { REFUSALS, type TicketRefusal } from './ticket-refusal.ts';

/** What a recipient knows when a payment arrives. */
export interface RecipientView {
  readonly recipient: Hex;
  /** Last L1 block seen. */
  readonly l1Block: bigint;
  readonly lastInitializedRound: bigint;
  /** The sender's money on chain, or why it could not be read. */
  readonly sender: SenderInfo | { readonly unreadable: string };
  readonly rand: (commitment: RandCommitment) => RecipientRand;
  readonly nonces: NonceStore;
}

/** A winning ticket with what redeeming it takes. */
export interface WinningTicket {
  readonly ticket: Ticket;
  readonly ticketHash: Hex;
  /** 65 bytes. */
  readonly signature: Uint8Array;
  /** Secret until redeemed: it reveals the draw of every ticket under the same params. */
  readonly recipientRand: bigint;
  /** L1 block from which no ticket under these params is taken, hence from which it may be redeemed. */
  readonly expirationBlock: bigint;
}

/** What the tickets of one payment brought. */
export interface ReceivedTickets {
  /** Quanta of 1 / (2^256 - 1) wei; exact. */
  readonly creditedQuanta: bigint;
  /** Tickets credited. */
  readonly credited: number;
  readonly winners: readonly WinningTicket[];
  /** The last non-fatal refusal, or the fatal one. Absent when every ticket was credited. */
  readonly refusal?: TicketRefusal;
}

const NOTHING: ReceivedTickets = { creditedQuanta: 0n, credited: 0, winners: [] };
const ZERO_ADDRESS = `0x${'00'.repeat(20)}`;

const refused = (refusal: TicketRefusal): ReceivedTickets => ({ ...NOTHING, refusal });

/**
 * Validates the tickets of a payment in order and tells what to credit and what to redeem (payments.md section 2.6).
 * Records nonces in `view.nonces`; changes nothing else. A payment without ticket params brings nothing and is no
 * error. Whether the recipient is active on chain is the caller's check, before this one.
 *
 * A fatal refusal ends the batch. After the first non-fatal one the rest is still validated - nonces are used up and
 * winners kept - and no longer credited. What was credited before stays credited.
 */
export function receiveTickets(payment: Payment, view: RecipientView): ReceivedTickets {
  const params = payment.ticketParams;
  if (params === undefined) return NOTHING;
  const { sender, expectedPrice, expirationParams } = payment;
  if (sender === undefined) return refused(REFUSALS.missingSender());
  // Signs would get lost in the HMAC: -1 and 1 have the same bytes there, and a negative price would pay the sender.
  if (expectedPrice === undefined || expectedPrice.pixelsPerUnit <= 0n || expectedPrice.pricePerUnit < 0n) {
    return refused(REFUSALS.missingPrice());
  }
  if (expirationParams === undefined) return refused(REFUSALS.missingExpirationParams());
  if (payment.ticketSenderParams.length === 0) return NOTHING;
  // int64 on the wire; nothing was ever issued for a round below 0.
  if (expirationParams.creationRound < 0n) return refused(REFUSALS.invalidRand(params.recipientRandHash));

  const rand = view.rand({
    seed: params.seed,
    sender,
    faceValue: params.faceValue,
    winProb: params.winProb,
    expirationBlock: params.expirationBlock,
    price: ratio(expectedPrice.pricePerUnit, expectedPrice.pixelsPerUnit),
    expirationParams,
  });
  const common = commonRefusal(params, sender, rand, view);
  if (common !== undefined) return refused(common);
  return validateBatch(payment.ticketSenderParams, rand, view, {
    recipient: params.recipient,
    sender,
    faceValue: params.faceValue,
    winProb: params.winProb,
    recipientRandHash: params.recipientRandHash,
    creationRound: expirationParams.creationRound,
    creationRoundBlockHash: expirationParams.creationRoundBlockHash,
    expirationBlock: params.expirationBlock,
  });
}

/** Checks 1 to 4, which are the same for every ticket of a batch. All fatal. */
function commonRefusal(
  params: TicketParams,
  sender: Hex,
  rand: RecipientRand,
  view: RecipientView,
): TicketRefusal | undefined {
  if ('unreadable' in view.sender) return REFUSALS.senderUnreadable(sender, view.sender.unreadable);
  if (isUnlockingSoon(view.sender, view.lastInitializedRound)) return REFUSALS.senderUnlocking(sender);
  if (params.recipient !== view.recipient) return REFUSALS.invalidRecipient();
  if (sender === ZERO_ADDRESS) return REFUSALS.invalidSender();
  if (bytesToHex(rand.hash) !== params.recipientRandHash) {
    return REFUSALS.invalidRand(params.recipientRandHash);
  }
  return undefined;
}

function validateBatch(
  tickets: Payment['ticketSenderParams'],
  rand: RecipientRand,
  view: RecipientView,
  template: Omit<Ticket, 'senderNonce'> & { readonly expirationBlock: bigint },
): ReceivedTickets {
  const { expirationBlock, ...shared } = template;
  const hash = ticketHasher(shared);
  const sender = hexToBytes(shared.sender);
  const winProb = uint256Bytes(shared.winProb);
  const winners: WinningTicket[] = [];
  let credited = 0;
  let refusal: TicketRefusal | undefined;

  for (const { senderNonce, sig } of tickets) {
    const ticketHash = hash(senderNonce);
    if (!verifySignatureBytes(sender, ticketHash, sig)) {
      refusal = REFUSALS.invalidSignature(senderNonce);
      continue;
    }
    if (isWinningDraw(drawBytes(sig, rand.bytes), winProb)) {
      winners.push({
        ticket: { ...shared, senderNonce },
        ticketHash: bytesToHex(ticketHash),
        signature: sig,
        recipientRand: bytesToUint(rand.bytes),
        expirationBlock,
      });
    }
    const wrong = useUp(shared.recipientRandHash, senderNonce, expirationBlock, view);
    if (wrong !== undefined) refusal = wrong;
    else if (refusal === undefined) credited++;
  }
  const creditedQuanta = BigInt(credited) * evQuanta(shared.faceValue, shared.winProb);
  return { creditedQuanta, credited, winners, ...(refusal === undefined ? {} : { refusal }) };
}

/** Checks 6 to 8: the nonce is used up even when the params have expired. */
function useUp(
  hash: Hex,
  nonce: number,
  expirationBlock: bigint,
  view: RecipientView,
): TicketRefusal | undefined {
  switch (view.nonces.record(hash, nonce, expirationBlock)) {
    case 'seen':
      return REFUSALS.nonceSeen(hash, nonce);
    case 'too-many':
      return REFUSALS.nonceLimit(hash, nonce);
    case 'recorded':
      return expirationBlock > view.l1Block ? undefined : REFUSALS.expired(nonce);
  }
}
