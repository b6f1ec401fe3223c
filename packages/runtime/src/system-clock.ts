import type { Clock } from './clock.ts';

/** Longest delay one timer can hold: Node and browsers keep it in a signed 32-bit integer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const wait = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });

/** The machine's clocks and timers. `sleep` takes any length, also beyond the 24.8 days of one timer. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicNs:
    typeof process === 'object' && typeof process.hrtime?.bigint === 'function'
      ? () => process.hrtime.bigint()
      : () => BigInt(Math.round(performance.now() * 1e6)),
  async sleep(ms, signal) {
    let left = ms;
    while (left > MAX_TIMER_MS) {
      await wait(MAX_TIMER_MS, signal);
      left -= MAX_TIMER_MS;
    }
    await wait(Math.max(0, left), signal);
  },
};
