/** Where a meter stands. */
export type MeterState = {
  /** Time up to which units were counted, in nanoseconds of the clock that the caller meters by. */
  readonly fromNs: bigint;
  /** Part of a unit that is not yet counted, in billionths of a unit: 0 to 999,999,999. */
  readonly remainder: bigint;
};

const NS_PER_SECOND = 1_000_000_000n;

/**
 * Whole units since `state`, **truncated**; the part of a unit that is left is carried, so that the units of any
 * sequence of readings add up to those of one reading over the whole time (live-runner.md section 8.3).
 * When time went backward: 0 units and the same state.
 *
 * @example meter({ fromNs: 0n, remainder: 0n }, 1n, 1_500_000_000n)
 *   // { units: 1n, next: { fromNs: 1_500_000_000n, remainder: 500_000_000n } }
 */
export function meter(
  state: MeterState,
  unitsPerSecond: bigint,
  nowNs: bigint,
): { readonly units: bigint; readonly next: MeterState } {
  const elapsed = nowNs - state.fromNs;
  if (elapsed <= 0n) return { units: 0n, next: state };
  const total = elapsed * unitsPerSecond + state.remainder;
  const units = total / NS_PER_SECOND;
  return { units, next: { fromNs: nowNs, remainder: total - units * NS_PER_SECOND } };
}
