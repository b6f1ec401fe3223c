/** Values kept for a reader that does not keep up; older ones are dropped then. */
const MAX_QUEUED = 1_000;

/** One reader of an event stream. */
interface Reader<T> {
  readonly queue: T[];
  wake: (() => void) | undefined;
}

/**
 * Hands values to any number of readers. A reader gets what is published after it started; one that falls behind by
 * more than 1,000 loses the oldest. All readers end when the stream is closed and their queue is empty.
 */
export class EventStream<T> {
  readonly #readers = new Set<Reader<T>>();
  #closed = false;

  /** Whether anyone reads at the moment. */
  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  publish(value: T): void {
    if (this.#closed) return;
    for (const reader of this.#readers) {
      reader.queue.push(value);
      if (reader.queue.length > MAX_QUEUED) reader.queue.shift();
      reader.wake?.();
    }
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.wake?.();
  }

  /** A new reader, listening from now on. Leaving its loop forgets it. */
  read(): AsyncIterableIterator<T> {
    const reader: Reader<T> = { queue: [], wake: undefined };
    if (!this.#closed) this.#readers.add(reader);
    const next = async (): Promise<IteratorResult<T, undefined>> => {
      for (;;) {
        const value = reader.queue.shift();
        if (value !== undefined) return { done: false, value };
        if (this.#closed || !this.#readers.has(reader)) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
        });
        reader.wake = undefined;
      }
    };
    const stop = async (): Promise<IteratorResult<T, undefined>> => {
      this.#readers.delete(reader);
      reader.queue.length = 0;
      reader.wake?.();
      return { done: true, value: undefined };
    };
    return {
      next,
      return: stop,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
