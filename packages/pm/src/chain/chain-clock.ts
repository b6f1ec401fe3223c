/** The part of a clock that the chain adapter needs; `Clock` of `@lp/runtime` fits. */
export interface ChainClock {
  /** Nanoseconds from an arbitrary origin; never runs backwards. */
  monotonicNs(): bigint;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The real time. */
export const realClock: ChainClock = {
  monotonicNs: () => BigInt(Math.round(performance.now() * 1e6)),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
