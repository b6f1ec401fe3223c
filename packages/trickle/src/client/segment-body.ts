import { backoff, type HttpStream, TransportError } from '@lp/runtime';
import { answeredSeq } from './answer.ts';
import { discard, getSegment, type RequestContext } from './segment-request.ts';
import { Watchdog } from './watchdog.ts';

/** Why a segment is shorter than its publisher made it. */
export type SegmentCut =
  /** The writer went silent inside the segment. */
  | 'stalled'
  /** The connection broke and the segment could not be read again. */
  | 'connection-lost';

const BACKOFF = { baseMs: 100, maxMs: 1_000 };

/** The bytes of one segment. A broken connection is resumed where it broke, while the ring holds the segment. */
export class SegmentBody implements AsyncIterable<Uint8Array> {
  readonly #context: RequestContext;
  readonly #seq: number;
  readonly #stallMs: number;
  #body: AsyncIterator<Uint8Array>;
  #cut: SegmentCut | undefined;
  #left = false;
  #bytes = 0;

  constructor(context: RequestContext, seq: number, stream: HttpStream, stallMs: number) {
    this.#context = context;
    this.#seq = seq;
    this.#stallMs = stallMs;
    this.#body = stream.body[Symbol.asyncIterator]();
  }

  get cut(): SegmentCut | undefined {
    return this.#cut;
  }

  /** Bytes handed out. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Stops reading; a segment that was read to its end is left alone. */
  async leave(): Promise<void> {
    this.#left = true;
    await this.#body.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    const { clock } = this.#context.ports;
    using watchdog = new Watchdog(clock, this.#stallMs, () => {
      this.#cut = 'stalled';
      // Ends the wait for the next chunk.
      void this.#body.return?.();
    });
    let failures = 0;
    let skip = 0;
    try {
      for (;;) {
        watchdog.begin();
        let chunk: Uint8Array;
        try {
          const next = await this.#body.next();
          if (next.done) return;
          chunk = next.value;
        } catch (error) {
          if (this.#context.signal.aborted || !(error instanceof TransportError)) return;
          failures += 1;
          if (failures >= this.#context.attempts || !(await this.#reopen(failures - 1))) {
            this.#cut = 'connection-lost';
            return;
          }
          skip = this.#bytes;
          continue;
        } finally {
          watchdog.end();
        }
        const fresh = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - fresh.byteLength;
        if (fresh.byteLength === 0) continue;
        failures = 0;
        this.#bytes += fresh.byteLength;
        yield fresh;
      }
    } finally {
      await this.leave();
    }
  }

  /** Asks for the same segment again. False when it is gone. */
  async #reopen(attempt: number): Promise<boolean> {
    const { ports, signal, counters } = this.#context;
    counters.retries += 1;
    try {
      await ports.clock.sleep(backoff(attempt, { ...BACKOFF, random: ports.random }), signal);
      const stream = await getSegment(this.#context, this.#seq);
      this.#body = stream.body[Symbol.asyncIterator]();
      if (stream.status === 200 && answeredSeq(stream.headers) === this.#seq && !this.#left) return true;
      await discard(stream);
      return false;
    } catch (error) {
      // Aborted while waiting, or no connection: the latter counts as one more broken read.
      if (signal.aborted) return false;
      this.#body = failing(error);
      return true;
    }
  }
}

/** A body that fails at once. */
const failing = (error: unknown): AsyncIterator<Uint8Array> => ({
  next: () => Promise.reject(error as Error),
});
