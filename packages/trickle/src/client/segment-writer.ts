import { TransportError } from '@lp/runtime';
import { failureOf } from './answer.ts';
import { TrickleError } from './errors.ts';
import type { SegmentPost } from './segment-post.ts';
import { type Patience, within } from './within.ts';

/** What a writer needs from its publisher. */
export interface WriterPorts {
  readonly origin: string;
  readonly patience: Patience;
  /** Takes the next number and a live connection for it. */
  begin(): Promise<SegmentPost>;
  /** A segment was given up: counts it, and frees its readers. */
  onLost(seq: number, error: TrickleError): void;
  onSent(bytes: number): void;
}

/** Writes one segment. Bytes reach readers as they are written, not when the segment is closed. */
export class SegmentWriter {
  readonly #ports: WriterPorts;
  #post: Promise<SegmentPost> | undefined;
  #seq: number | undefined;
  #bytes = 0;
  #failed: TrickleError | undefined;
  #closing: Promise<void> | undefined;

  constructor(ports: WriterPorts) {
    this.#ports = ports;
  }

  /** The segment's number; undefined until the first write has begun. */
  get seq(): number | undefined {
    return this.#seq;
  }

  /** Bytes written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `close` was called. */
  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Resolves when more may be written: waiting for it bounds memory. Throws `TrickleError`. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closing !== undefined) throw new TypeError('write after close of a segment');
    if (this.#failed !== undefined) throw this.#failed;
    const post = await this.#begin();
    try {
      await within(post.write(bytes), 'writing a segment', this.#ports.patience);
    } catch (error) {
      throw this.#lose(post, error);
    }
    this.#bytes += bytes.byteLength;
    if (post.early !== undefined) throw this.#lose(post, this.#earlyFailure(post.early));
  }

  /** Ends the segment and waits until the server has it. Without a write before, it is empty. Throws `TrickleError`. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    const post = await this.#begin();
    let failure: TrickleError | undefined;
    try {
      const answer = await within(post.finish(), 'the answer to a segment', this.#ports.patience);
      failure = failureOf(this.#ports.origin, answer);
    } catch (error) {
      throw this.#lose(post, error);
    }
    if (failure !== undefined) throw this.#lose(post, failure);
    this.#ports.onSent(this.#bytes);
  }

  #begin(): Promise<SegmentPost> {
    this.#post ??= this.#ports.begin().then((post) => {
      this.#seq = post.seq;
      return post;
    });
    return this.#post;
  }

  #earlyFailure(early: NonNullable<SegmentPost['early']>): unknown {
    if (early instanceof TransportError) return early;
    return (
      failureOf(this.#ports.origin, early) ??
      new TrickleError('segment-lost', `${this.#ports.origin} ended the segment before its writer did`)
    );
  }

  #lose(post: SegmentPost, error: unknown): TrickleError {
    const lost =
      error instanceof TrickleError
        ? error
        : new TrickleError('segment-lost', `connection to ${this.#ports.origin} was lost inside a segment`, {
            cause: error,
          });
    this.#failed = lost;
    post.abort();
    this.#ports.onLost(post.seq, lost);
    return lost;
  }
}
