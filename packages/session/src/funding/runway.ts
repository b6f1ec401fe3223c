import { amountNs, unitsIn } from './amount.ts';
import type { FundingConfig, FundingState } from './state.ts';

const MS = 1_000_000n;
const MIN_ATTEMPT_NS = 2_500n * MS;
/** Longest that one request is waited for. */
export const MAX_ATTEMPT_NS = 5_000n * MS;
/** A payment is not sent again sooner than this after its last connection was closed (funding.md rule 4). */
export const RESEND_GAP_NS = 2_000n * MS;
const ASSUMED_ROUND_TRIP_NS = 500n * MS;
const ROUND_TRIPS_KEPT = 20;

/** Time since metering may have begun. */
export const elapsedNs = (state: FundingState, nowNs: bigint): bigint => nowNs - state.config.startNs;

/**
 * Credit left at the orchestrator, as nanoseconds of session, from acknowledged payments only; below 0 when the account
 * should be short. Never above the truth unless a payment was credited in part only.
 */
export const runwayNs = (state: FundingState, nowNs: bigint): bigint =>
  amountNs(state.totals.acknowledged, state.config.tariff) - elapsedNs(state, nowNs);

/** The runway if the payment under way has arrived, as far as it was sent. */
export const hopedRunwayNs = (state: FundingState, nowNs: bigint): bigint =>
  amountNs(
    state.totals.acknowledged +
      (state.pending !== undefined && state.pending.attempts > 0 ? state.pending.amount : 0n),
    state.config.tariff,
  ) - elapsedNs(state, nowNs);

/** A payment's round trip, signer included: the 95th percentile of the last 20. */
export const roundTripNs = (state: FundingState): bigint => {
  const sorted = state.roundTrips.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rank = Math.max(0, Math.ceil(sorted.length * 0.95) - 1);
  return sorted[rank] ?? ASSUMED_ROUND_TRIP_NS;
};

/** `roundTrips` with one more. */
export const withRoundTrip = (state: FundingState, ns: bigint): readonly bigint[] =>
  [...state.roundTrips, ns].slice(-ROUND_TRIPS_KEPT);

/** How long one request may take before it is given up. */
export const attemptNs = (state: FundingState): bigint => {
  const four = roundTripNs(state) * 4n;
  return four < MIN_ATTEMPT_NS ? MIN_ATTEMPT_NS : four > MAX_ATTEMPT_NS ? MAX_ATTEMPT_NS : four;
};

/** Debit interval, round trip, poll interval, and as margin one lost attempt with the wait before the next. */
const neededNs = (debitNs: bigint, pollNs: bigint, roundTrip: bigint, attempt: bigint): bigint =>
  debitNs + roundTrip + pollNs + attempt + RESEND_GAP_NS;

const atLeast = (ns: bigint, least: bigint): bigint => (ns > least ? ns : least);

/** Runway that is aimed at (funding.md rule 3), at least `minTargetNs`; longer where round trips are long. */
export const targetNs = (state: FundingState): bigint => {
  const { debitNs, pollNs, minTargetNs } = state.config;
  return atLeast(neededNs(debitNs, pollNs, roundTripNs(state), attemptNs(state)), minTargetNs);
};

/** The same before a first round trip is known. */
export const openingTargetNs = ({
  debitNs,
  pollNs,
  minTargetNs,
}: Pick<FundingConfig, 'debitNs' | 'pollNs' | 'minTargetNs'>): bigint =>
  atLeast(neededNs(debitNs, pollNs, ASSUMED_ROUND_TRIP_NS, MIN_ATTEMPT_NS), minTargetNs);

/**
 * Units the signer should have billed by now: the target ahead, the time so far, and what was lost on the way. Whole
 * units counted from the start, so that no remainder is dropped.
 */
export const dueUnits = (state: FundingState, nowNs: bigint): bigint => {
  const { tariff } = state.config;
  const lostNs = amountNs(state.totals.lost, tariff);
  return unitsIn(targetNs(state) + elapsedNs(state, nowNs) + lostNs, tariff) - state.signer.billedUnits;
};

/** Runway below which waiting for a better signer answer is no longer safe (funding.md rule 7). */
export const rescueBelowNs = (state: FundingState): bigint => state.config.debitNs + 2n * roundTripNs(state);

const SECOND_NS = 1_000n * MS;

/** Until the next call: a poll, or a second while the signer counts time itself and keeps no lead (funding.md rule 3). */
export function pauseNs({ config, signer }: FundingState): bigint {
  const typed = config.mode === 'typed' || signer.lead?.offered === false;
  return typed && config.pollNs > SECOND_NS ? SECOND_NS : config.pollNs;
}
