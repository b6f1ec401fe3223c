/** Unread bytes at which the source is paused. */
const HIGH_WATER_BYTES = 65_536;

/** What fills the queue, as the queue sees it. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** The reader went away before the end. */
  cancel(): void;
}

/** Response chunks between the socket and one reader: bounded by pausing the source. Iterate once. */
export class BodyQueue implements AsyncIterable<Uint8Array> {
  readonly #source: BodySource;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #paused = false;
  #state: 'open' | 'ended' | 'failed' | 'left' = 'open';
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes >= HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#wake?.();
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake?.();
  }

  /** The reader still gets what has arrived, then the error. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#wake?.();
  }

  /** Not a generator: `return` must also work before the first `next`, and end one that waits. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void, void> {
    const chunks = this.#read();
    return {
      next: () => chunks.next(),
      return: async () => {
        this.#leave();
        return { done: true, value: undefined };
      },
    };
  }

  async *#read(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      if (this.#paused) {
        this.#paused = false;
        this.#source.resume();
      }
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#state === 'failed') throw this.#error;
      if (this.#state !== 'open') return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  #leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'left';
    this.#chunks = [];
    this.#wake?.();
    this.#source.cancel();
  }
}
