/**
 * A bounded queue that prefers new over old: when full, the oldest item goes. Live pictures are worth less the
 * older they are, and a publisher faster than the network must not grow memory.
 */
export class InputQueue<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  #waiting: ((item: T) => void) | undefined;
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Items that were pushed out unread. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: T): void {
    if (this.#waiting !== undefined) {
      const take = this.#waiting;
      this.#waiting = undefined;
      take(item);
      return;
    }
    this.#items.push(item);
    if (this.#items.length > this.#capacity) {
      this.#items.shift();
      this.#dropped += 1;
    }
  }

  /** The oldest item; waits for one. Rejects with the signal's reason. One reader at a time. */
  async next(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const item = this.#items.shift();
    if (item !== undefined) return item;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const onAbort = () => {
      this.#waiting = undefined;
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting = resolve;
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
