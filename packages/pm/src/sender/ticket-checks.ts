import { compareRatio, type Ratio, ratio, roundedDecimal } from '@lp/pricing';
import type { Hex, TicketParams } from '@lp/protocol';
import type { SenderInfo } from '../chain/port.ts';
import { MAX_WIN_PROB } from '../index.ts';

/** How much one call may put at stake (payments.md section 2.5). All in wei. */
export interface SenderLimits {
  /** Largest EV of one ticket. */
  readonly maxTicketEv: bigint;
  /** Largest EV of all tickets of one payment. */
  readonly maxTotalEv: bigint;
  /** A ticket's face value is at most `deposit / depositMultiplier`, floored. At least 1. */
  readonly depositMultiplier: bigint;
}

/** go-livepeer's defaults (payments.md section 2.5). */
export const DEFAULT_SENDER_LIMITS: SenderLimits = {
  maxTicketEv: 3_000_000_000_000n,
  maxTotalEv: 20_000_000_000_000n,
  depositMultiplier: 1n,
};

/** The sender's view of the chain at one moment. */
export interface SenderChainView {
  /** L1 block number, on Arbitrum too. */
  readonly l1Block: bigint;
  readonly lastInitializedRound: bigint;
  /** L1 block hash of that round, 32 bytes. */
  readonly roundBlockHash: Hex;
  /** The sender's own deposit and reserve. */
  readonly senderInfo: SenderInfo;
}

/** Which rule ticket params break: get fresh ones, distrust them, or fund the sender. */
export type TicketParamsErrorCode =
  | 'missing'
  | 'no-expiration'
  | 'expired'
  | 'out-of-range'
  | 'face-value-too-low'
  | 'ticket-ev'
  | 'unlocking'
  | 'no-reserve'
  | 'no-deposit'
  | 'total-ev'
  | 'face-value-too-high';

/** The sender must not sign tickets under these params; `message` is go-livepeer's text. */
export class TicketParamsError extends Error {
  override readonly name = 'TicketParamsError';
  readonly code: TicketParamsErrorCode;
  constructor(code: TicketParamsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const TWO_POW_256 = 2n ** 256n;
const RANGE_TEXT = 'ticketParams number outside 0 to 2^256 - 1';

/**
 * The sender's checks before `tickets` tickets are signed, in go-livepeer's order (payments.md section 2.5).
 * One more comes first: numbers that a 32-byte word cannot hold are refused.
 *
 * @throws TicketParamsError
 */
export function checkTicketParams(
  params: TicketParams | undefined,
  tickets: bigint,
  chain: SenderChainView,
  limits: SenderLimits,
): void {
  if (params === undefined) throw new TicketParamsError('missing', 'ticketParams is nil');
  const { faceValue, winProb, expirationBlock, seed } = params;
  const creationRound = params.expirationParams?.creationRound ?? 0n;
  for (const word of [faceValue, winProb, expirationBlock, seed, creationRound]) {
    if (word < 0n || word >= TWO_POW_256) throw new TicketParamsError('out-of-range', RANGE_TEXT);
  }
  if (expirationBlock === 0n) {
    throw new TicketParamsError('no-expiration', 'ticketParams expiration block is 0');
  }
  if (expirationBlock - chain.l1Block <= 1n) throw new TicketParamsError('expired', 'TicketParams expired');

  // EV without reducing: faceValue * winProb parts of 1 / (2^256 - 1) wei
  const ev: Ratio = { n: faceValue * winProb, d: MAX_WIN_PROB };
  if (ev.n === 0n) return;
  if (winProb >= MAX_WIN_PROB) {
    throw new TicketParamsError('face-value-too-low', `ticket faceValue too low faceValue=${faceValue}`);
  }
  if (isAbove(ev, limits.maxTicketEv)) {
    const [actual, max] = [fiveDecimals(ev), fiveDecimals(ratio(limits.maxTicketEv))];
    throw new TicketParamsError('ticket-ev', `ticket EV ${actual} > max ticket EV ${max}`);
  }
  checkSenderFunds(chain);
  const total = { n: ev.n * tickets, d: ev.d };
  if (isAbove(total, limits.maxTotalEv)) {
    const [actual, max] = [fiveDecimals(total), fiveDecimals(ratio(limits.maxTotalEv))];
    throw new TicketParamsError(
      'total-ev',
      `total ticket EV ${actual} for ${tickets} tickets > max total ticket EV ${max}`,
    );
  }
  const maxFaceValue = chain.senderInfo.deposit / limits.depositMultiplier; // floored: both are not negative
  if (faceValue > maxFaceValue) {
    throw new TicketParamsError(
      'face-value-too-high',
      `ticket faceValue ${faceValue} > max faceValue ${maxFaceValue}`,
    );
  }
}

/**
 * Whether the sender's money is on chain and stays there (payments.md section 2.5, rows 8 to 10).
 *
 * @throws TicketParamsError `unlocking`, `no-reserve`, `no-deposit`.
 */
export function checkSenderFunds({ senderInfo, lastInitializedRound }: SenderChainView): void {
  const { withdrawRound, reserve, deposit } = senderInfo;
  if (withdrawRound !== 0n && withdrawRound <= lastInitializedRound + 1n) {
    throw new TicketParamsError(
      'unlocking',
      'unable to validate sender: deposit and reserve is set to unlock soon',
    );
  }
  if (reserve.fundsRemaining === 0n) throw new TicketParamsError('no-reserve', 'no sender reserve');
  if (deposit === 0n) throw new TicketParamsError('no-deposit', 'no sender deposit');
}

function isAbove(value: Ratio, limit: bigint): boolean {
  return compareRatio(value, { n: limit, d: 1n }) > 0;
}

function fiveDecimals(value: Ratio): string {
  return roundedDecimal(value, 5);
}
