import type { Clock } from '../clock.ts';
import { TimerQueue } from './timer-queue.ts';

/** A clock that stands still until a test moves it. */
export interface SimulatedClock extends Clock {
  /** Timers that wait. 0 after a clean shutdown. */
  readonly pending: number;
  /** Moves time forward, running every timer that falls due in order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /**
   * Runs timers until `promise` settles, and gives its outcome. Throws `SimulationStuckError` when nothing is left
   * to wait for, or when `limitMs` of simulated time (default: 30 days) have passed.
   */
  runUntil<T>(promise: Promise<T>, options?: { limitMs?: number }): Promise<T>;
  /** Changes the wall clock alone, as an NTP step does. Timers and the monotonic clock do not notice. */
  jumpWall(ms: number): void;
}

/** The promise given to `runUntil` can not settle any more, or not within the limit. */
export class SimulationStuckError extends Error {
  override readonly name = 'SimulationStuckError';
  readonly code = 'simulation-stuck';
}

/** Turns of the event loop without a timer before real time is given to sockets and threads. */
const IDLE_TURNS = 64;
/** Real milliseconds that `runUntil` waits for I/O when no timer is pending. */
const MAX_IDLE_MS = 10_000;
const MS_30_DAYS = 30 * 86_400_000;

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

const realMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const toNs = (ms: number): bigint => BigInt(Math.max(0, Math.ceil(ms * 1e6)));

/** How a simulated clock starts. */
export interface SimulatedClockOptions {
  /** Wall-clock time at the start, in milliseconds since 1970. */
  readonly startMs?: number;
  /**
   * Turns of the event loop granted after each timer, default 2. Promises settle in one; code that passes through
   * `setImmediate`, streams or sockets may need more before the next timer may fire.
   */
  readonly turns?: number;
}

/** A deterministic clock. Timers due at the same moment fire in the order they were set. */
export const simulatedClock = ({
  startMs = 1_700_000_000_000,
  turns = 2,
}: SimulatedClockOptions = {}): SimulatedClock => {
  const timers = new TimerQueue();
  let nowNs = 0n;
  let wallOffsetMs = startMs;

  const settle = async (): Promise<void> => {
    for (let left = turns; left > 0; left--) await turn();
  };

  const fireNext = async (): Promise<void> => {
    const timer = timers.pop();
    if (timer === undefined) return;
    if (timer.dueNs > nowNs) nowNs = timer.dueNs;
    timer.fire();
    await settle();
  };

  return {
    wallMs: () => wallOffsetMs + Number(nowNs / 1_000_000n),
    monotonicNs: () => nowNs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const onAbort = (): void => {
          timers.remove(timer);
          reject(signal?.reason as Error);
        };
        const timer = timers.add(nowNs + toNs(ms), () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const untilNs = nowNs + toNs(ms);
      await settle();
      for (let next = timers.peek(); next !== undefined && next.dueNs <= untilNs; next = timers.peek()) {
        await fireNext();
      }
      if (untilNs > nowNs) nowNs = untilNs;
      await settle();
    },
    async runUntil<T>(promise: Promise<T>, { limitMs = MS_30_DAYS }: { limitMs?: number } = {}): Promise<T> {
      const untilNs = nowNs + toNs(limitMs);
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      promise.then(mark, mark);
      let idle = 0;
      let idleMs = 0;
      await settle();
      while (!settled) {
        const next = timers.peek();
        if (next !== undefined && next.dueNs > untilNs) {
          throw new SimulationStuckError(`not settled within ${limitMs} simulated ms`);
        }
        if (next !== undefined) {
          idle = 0;
          await fireNext();
        } else if (++idle < IDLE_TURNS) {
          await turn();
        } else if (idleMs < MAX_IDLE_MS) {
          idleMs += 1;
          await realMs(1);
        } else {
          throw new SimulationStuckError('no timer is pending and the promise does not settle');
        }
      }
      return await promise;
    },
    jumpWall(ms) {
      wallOffsetMs += ms;
    },
  };
};
