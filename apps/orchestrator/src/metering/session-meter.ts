import { meter, PIXELS_PER_SECOND_720P, type PriceUnit } from '@lp/pricing';
import type { Clock } from '@lp/runtime';

/** Units that one second of session costs; a fixed price is not metered (live-runner.md section 8.3). */
export const UNITS_PER_SECOND: Readonly<Record<Exclude<PriceUnit, 'fixed'>, bigint>> = {
  seconds: 1n,
  '720p-pixel-seconds': PIXELS_PER_SECOND_720P,
};

/** Why a meter loop ended. */
export type MeterEnd = 'stopped' | 'insufficient-balance' | 'failed';

/** What a meter loop needs. */
export interface MeterOptions {
  readonly clock: Clock;
  /** Milliseconds between debits, counted from the start of the session in billed time. */
  readonly intervalMs: number;
  readonly unitsPerSecond: bigint;
  /** Debits `units`. False: the balance did not cover them and nothing was debited. A throw ends the meter. */
  readonly debit: (units: bigint) => boolean;
  /** Aborted: nothing is debited any more, not even the interval that has begun. */
  readonly signal: AbortSignal;
}

const NS_PER_MS = 1_000_000n;

/**
 * Meters a session until it is stopped or its balance is spent (live-runner.md section 8.3): every interval it debits
 * whole units, **truncated**, and carries the rest. Prepaid and without grace: the first refused debit ends it. Never
 * rejects; the result says why it ended.
 */
export async function runMeter(options: MeterOptions): Promise<MeterEnd> {
  const { clock, unitsPerSecond, signal } = options;
  const intervalNs = BigInt(options.intervalMs) * NS_PER_MS;
  let state = { fromNs: clock.monotonicNs(), remainder: 0n };
  let dueNs = state.fromNs + intervalNs;

  for (;;) {
    try {
      await sleepUntil(dueNs, clock, signal);
    } catch {
      return 'stopped';
    }
    if (signal.aborted) return 'stopped';
    const nowNs = clock.monotonicNs();
    const { units, next } = meter(state, unitsPerSecond, nowNs);
    try {
      if (units > 0n && !options.debit(units)) return 'insufficient-balance';
    } catch {
      return 'failed';
    }
    state = next;
    // On the grid of the session's start, so that late timers do not add up; what was slept through is one debit.
    dueNs += ((nowNs - dueNs) / intervalNs + 1n) * intervalNs;
  }
}

/** Sleeps until monotonic time `dueNs`, however early the timer fires. Rejects when `signal` aborts. */
async function sleepUntil(dueNs: bigint, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let leftNs = dueNs - clock.monotonicNs(); leftNs > 0n; leftNs = dueNs - clock.monotonicNs()) {
    await clock.sleep(Math.ceil(Number(leftNs) / 1e6), signal);
  }
}
