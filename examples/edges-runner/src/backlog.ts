/** A queue between a fast reader and a slow worker: when it is full, the oldest entry makes room. */
export class Backlog<T> {
  /** Entries that made room. */
  dropped = 0;
  readonly #limit: number;
  readonly #entries: T[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(entry: T): void {
    if (this.#ended) return;
    if (this.#entries.length >= this.#limit) {
      this.#entries.shift();
      this.dropped++;
    }
    this.#entries.push(entry);
    this.#wake?.();
  }

  /** No more entries come; those that wait are still handed out. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Entries in order, until `end`. One reader at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const entry = this.#entries.shift();
      if (entry !== undefined) yield entry;
      else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }
}
