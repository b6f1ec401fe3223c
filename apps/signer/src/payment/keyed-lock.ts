/**
 * One holder at a time per key, in the order of arrival. A key without holders costs nothing.
 */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** Keys that are held or waited for. */
  get size(): number {
    return this.#tails.size;
  }

  /**
   * Runs `work` when every earlier holder of `key` is done.
   *
   * @throws the signal's reason when it aborts while waiting; what `work` throws.
   */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    // A waiter that gave up still stands in line until its predecessors are done.
    const tail = before.then(() => done);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    try {
      await settledOrAborted(before, signal);
      signal.throwIfAborted(); // both may have come at once
      return await work();
    } finally {
      release();
    }
  }
}

function settledOrAborted(before: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error); // whatever the caller aborted with
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    void before.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
