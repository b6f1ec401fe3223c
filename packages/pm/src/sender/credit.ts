import { addRatio, compareRatio, type Ratio, ratio, subRatio } from '@lp/pricing';
import { MAX_WIN_PROB } from '../index.ts';
import type { SignablePayment } from './answer.ts';
import { dueNs, PRELOAD_NS } from './bill.ts';
import type { OpenedPayment } from './open.ts';
import { decodeState, type SignerState } from './state.ts';
import { paidNs, pricePerSecond, timeFee } from './time-price.ts';
import { isPaymentType, PAYMENT_RULES } from './units.ts';

/** How a session stands after a call, as told to its caller: field `lpFunding` of the answer. */
export interface CreditReport {
  /** Wei at the orchestrator beyond what was billed, once every payment so far has arrived. Exact. */
  readonly creditWei: Ratio;
  /** The same as time, **rounded down**; absent where the signer does not know what the price counts. */
  readonly creditMs?: bigint;
  /** Time after which a call would pay again, in milliseconds: 0 for at once. Absent as above. */
  readonly nextInMs?: bigint;
  /** The lead that the signer holds, where one was asked for. */
  readonly leadMs?: bigint;
  /** Time since the last call that is never billed because it was more than one call can pay. Absent for none. */
  readonly unbilledMs?: bigint;
  /** The state was of a clock far ahead: time counts anew from this answer on. */
  readonly restarted?: true;
}

const NS_PER_MS = 1_000_000n;
/** Longest time of a report: it travels as a signed 64-bit integer. */
const MAX_MS = 2n ** 63n - 1n;

/**
 * Reports a session whose signer balance is `balance` now. Metered types have `PRELOAD_NS` billed in advance, which the
 * orchestrator still holds (60 seconds where type `lv2v` opened without a lead: the report is then on the low side).
 */
export function creditReport(opened: OpenedPayment, balance: Ratio, unbilledNs = 0n): CreditReport {
  const { state, funding, offer } = opened;
  const price = ratio(state.initialPricePerUnit, state.initialPixelsPerUnit);
  const unbilled = unbilledNs >= NS_PER_MS ? { unbilledMs: unbilledNs / NS_PER_MS } : {};
  if (funding.unit === undefined) return { creditWei: balance, ...unbilled };
  const perSecond = pricePerSecond(price, funding.unit);
  const credit = addRatio(balance, timeFee(aheadNs(state.type), perSecond));
  const creditNs = paidNs(credit, perSecond);
  const { faceValue, winProb } = offer.ticketParams;
  const ev: Ratio = { n: faceValue * winProb, d: MAX_WIN_PROB };
  // a call pays again when less than the lead is left, or without one, when the balance is used up
  const sparesNs =
    funding.leadNs === undefined
      ? compareRatio(balance, ev) < 0
        ? -1n
        : paidNs(balance, perSecond)
      : paidNs(subRatio(credit, timeFee(heldNs(opened), perSecond)), perSecond);
  return {
    creditWei: credit,
    creditMs: floorMs(creditNs),
    nextInMs: sparesNs < 0n ? 0n : inRange(sparesNs / NS_PER_MS + 1n),
    ...(funding.leadNs === undefined ? {} : { leadMs: funding.leadNs / NS_PER_MS }),
    ...unbilled,
  };
}

/**
 * The report of a payment, from its request and its next state alone: a payment that is signed again reports the same.
 */
export function paymentCredit({ opened, nonces, state, nextState }: SignablePayment): CreditReport {
  const next = nextState ?? decodeState(state);
  const report = creditReport(opened, next.balance, unbilledNs(opened, nonces.length, next));
  const before = opened.state.lastUpdateNs;
  const restarted = before !== undefined && next.lastUpdateNs !== undefined && next.lastUpdateNs < before;
  return restarted ? { ...report, restarted } : report;
}

/** Time of a gap that was left out of the bill: what was due less what the fee paid. */
function unbilledNs(
  opened: OpenedPayment,
  tickets: number,
  next: Pick<SignerState, 'balance' | 'lastUpdateNs'>,
): bigint {
  const { state, funding, offer } = opened;
  if (funding.unit === undefined || next.lastUpdateNs === undefined) return 0n;
  const perSecond = pricePerSecond(
    ratio(state.initialPricePerUnit, state.initialPixelsPerUnit),
    funding.unit,
  );
  const { faceValue, winProb } = offer.ticketParams;
  const minted = ratio(BigInt(tickets) * faceValue * winProb, MAX_WIN_PROB);
  const fee = subRatio(addRatio(state.balance, minted), next.balance);
  return dueNs(opened, next.lastUpdateNs) - paidNs(fee, perSecond);
}

/** What the balance has to be after the fee where a lead was asked for, in wei; 0 without. */
export function leadBalance(opened: OpenedPayment): Ratio {
  const { state, funding } = opened;
  if (funding.leadNs === undefined || funding.unit === undefined) return ratio(0n);
  const price = ratio(state.initialPricePerUnit, state.initialPixelsPerUnit);
  return timeFee(heldNs(opened) - aheadNs(state.type), pricePerSecond(price, funding.unit));
}

/** Credit that a lead keeps at the orchestrator: never less than what is billed in advance anyway. */
function heldNs({ state, funding }: OpenedPayment): bigint {
  const ahead = aheadNs(state.type);
  return funding.leadNs !== undefined && funding.leadNs > ahead ? funding.leadNs : ahead;
}

function aheadNs(type: string): bigint {
  return isPaymentType(type) && PAYMENT_RULES[type].metered !== undefined ? PRELOAD_NS : 0n;
}

function floorMs(ns: bigint): bigint {
  const quotient = ns / NS_PER_MS;
  return inRange(ns < 0n && quotient * NS_PER_MS !== ns ? quotient - 1n : quotient);
}

/** A price near nothing makes times that no field holds: the answer has been signed, and says the most it can. */
function inRange(ms: bigint): bigint {
  if (ms > MAX_MS) return MAX_MS;
  return ms < -MAX_MS ? -MAX_MS : ms;
}
