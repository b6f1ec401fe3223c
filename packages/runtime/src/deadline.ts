import type { Clock } from './clock.ts';
import { systemClock } from './system-clock.ts';

/** A deadline ran out. It is the `reason` of the signal that `deadline` gives. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'deadline';
  /** What the deadline was set to, in milliseconds. */
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(`not done within ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/** Why a timer was cleared. One object: the default reason, a DOMException with its stack, is slow to make. */
const CLEARED = new Error('deadline cleared');

/** A signal with a time limit. Dispose it when the work is done: that clears its timer and its listener. */
export interface Deadline extends Disposable {
  /** Aborts with `DeadlineError` when time is up, or with the outer signal's reason when that aborts first. */
  readonly signal: AbortSignal;
  /** True once the time is up, false when the outer signal came first. */
  readonly expired: boolean;
  /** Same as leaving the `using` block. */
  clear(): void;
}

/**
 * Limits work to `ms` milliseconds and to the life of `outer`.
 *
 * @example
 * using limit = deadline(2_000, signal, clock);
 * await work(limit.signal);
 */
export const deadline = (ms: number, outer?: AbortSignal, clock: Clock = systemClock): Deadline => {
  const controller = new AbortController();
  const timer = new AbortController();
  let expired = false;
  const clear = (): void => {
    outer?.removeEventListener('abort', onOuterAbort);
    timer.abort(CLEARED);
  };
  const onOuterAbort = (): void => {
    clear();
    controller.abort(outer?.reason);
  };
  const onTime = (): void => {
    if (timer.signal.aborted) return;
    expired = true;
    clear();
    controller.abort(new DeadlineError(ms));
  };
  if (outer?.aborted) {
    controller.abort(outer.reason);
  } else {
    outer?.addEventListener('abort', onOuterAbort, { once: true });
    // The sleep is only ever rejected by `clear`, which has nothing left to tell.
    clock.sleep(ms, timer.signal).then(onTime, () => {});
  }
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    clear,
    [Symbol.dispose]: clear,
  };
};
