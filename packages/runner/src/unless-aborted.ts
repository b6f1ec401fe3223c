/** Settles like `work`, or rejects with the reason of the first signal that aborts. */
export function unlessAborted(
  work: Promise<void>,
  signals: readonly (AbortSignal | undefined)[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    for (const signal of signals) {
      if (signal?.aborted === true) reject(signal.reason as Error);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { signal: done.signal });
    }
    work.then(resolve, reject).finally(() => done.abort());
  });
}
