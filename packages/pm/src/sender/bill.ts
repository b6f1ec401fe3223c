import { addRatio, compareRatio, divRatio, floorRatio, mulRatio, type Ratio, ratio } from '@lp/pricing';
import type { OpenedPayment } from './open.ts';
import { paidNs, pricePerSecond, timeFee } from './time-price.ts';
import { isPaymentType, PAYMENT_RULES, statedUnits } from './units.ts';

/** What one call bills. */
export interface Bill {
  readonly units: bigint;
  /** Whether `units` are nanoseconds, not units of the price. */
  readonly nanoseconds: boolean;
  /** Wei, exact; 0 when no time has passed. */
  readonly fee: Ratio;
  /** The clock is so far behind the state that time is counted anew from now on. */
  readonly restarts: boolean;
}

/** Billed at once when a session opens with a lead, and what of any session's time is taken to be paid ahead. */
export const PRELOAD_NS = 10_000_000_000n;
/** Beyond what its balance pays, no session is billed for a longer gap: it has long been released. */
const MAX_GAP_NS = 3_600_000_000_000n;
/** Clocks of signers that share sessions may differ by this much; a state further ahead was made by a wrong clock. */
const MAX_CLOCK_SKEW_NS = 60_000_000_000n;

/**
 * What has to be billed now, at the session's initial price.
 *
 * Time is billed once: a clock behind the state bills nothing, and a gap is billed as far as the balance, `most` and an
 * hour reach, the rest never. A session could otherwise not go on after it (remote-signer.md H11, H12).
 *
 * @param most wei that the tickets of one call are worth at most; `undefined` where tickets are worth nothing.
 * @throws SignerRefusal 400 `invalid-type`, `missing-units`.
 */
export function billNow(opened: OpenedPayment, nowNs: bigint, most: Ratio | undefined): Bill {
  const { state, inPixels } = opened;
  const { type, lastUpdateNs } = state;
  const price = ratio(state.initialPricePerUnit, state.initialPixelsPerUnit);
  const { leadNs, unit } = opened.funding;
  const metered = isPaymentType(type) ? PAYMENT_RULES[type].metered : undefined;
  if (metered === undefined || unit === undefined) {
    const units = statedUnits(type, inPixels);
    return { units, nanoseconds: false, fee: mulRatio(ratio(units), price), restarts: false };
  }
  const count = (ns: bigint): Bill => {
    if (opened.funding.exact || unit === 'nanoseconds') {
      return { units: ns, nanoseconds: true, fee: timeFee(ns, pricePerSecond(price, unit)), restarts: false };
    }
    const units = metered.units(ns);
    return { units, nanoseconds: false, fee: mulRatio(ratio(units), price), restarts: false };
  };
  if (lastUpdateNs === undefined) return count(leadNs === undefined ? metered.openingNs : PRELOAD_NS);

  if (lastUpdateNs - nowNs > MAX_CLOCK_SKEW_NS) return { ...count(0n), restarts: true };
  const bill = count(dueNs(opened, nowNs));
  return most === undefined ? bill : withinReach(bill, { count, price, most, opened });
}

/** Cuts a gap to what can be paid for it. */
function withinReach(
  bill: Bill,
  {
    count,
    price,
    most,
    opened,
  }: {
    readonly count: (ns: bigint) => Bill;
    readonly price: Ratio;
    readonly most: Ratio;
    readonly opened: OpenedPayment;
  },
): Bill {
  const { unit } = opened.funding;
  if (unit === undefined) return bill;
  const perSecond = pricePerSecond(price, unit);
  const longest = timeFee(MAX_GAP_NS, perSecond);
  const reach = addRatio(opened.state.balance, compareRatio(longest, most) < 0 ? longest : most);
  if (compareRatio(bill.fee, reach) <= 0) return bill;
  if (bill.nanoseconds) return count(paidNs(reach, perSecond));
  const units = floorRatio(divRatio(reach, price));
  // not even one unit can be paid: that is no gap
  return units <= 0n
    ? bill
    : { units, nanoseconds: false, fee: mulRatio(ratio(units), price), restarts: false };
}

/**
 * Until when time is billed once this call is. What `atMostNs` left out stays for later calls, so that of signers whose
 * clocks differ each finds what another did not see (funding.md section 5); not more than an hour of it. Time that was
 * billed is never billed again, even when the clock steps back between two calls.
 */
export function billedToNs(opened: OpenedPayment, bill: Bill, nowNs: bigint): bigint {
  const { lastUpdateNs } = opened.state;
  if (lastUpdateNs === undefined || bill.restarts) return nowNs;
  const billedNs = lastUpdateNs + dueNs(opened, nowNs);
  return nowNs - billedNs > MAX_GAP_NS ? nowNs - MAX_GAP_NS : billedNs;
}

/** Unbilled time up to `nowNs`, at most what the caller knows of; 0 when the clock is behind. */
export function dueNs({ state, funding }: OpenedPayment, nowNs: bigint): bigint {
  const elapsedNs = nowNs - (state.lastUpdateNs ?? nowNs);
  if (elapsedNs <= 0n) return 0n;
  return funding.atMostNs !== undefined && funding.atMostNs < elapsedNs ? funding.atMostNs : elapsedNs;
}
