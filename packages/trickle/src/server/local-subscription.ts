import type { Channel, ChannelEnd } from './channel.ts';
import type { Segment, SegmentReader } from './segment.ts';

/** One segment, read inside the process. */
export interface LocalSegment {
  readonly seq: number;
  /** The bytes as they are written; not copies, do not change them. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Where and how long to read. */
export interface LocalSubscribeOptions {
  /** First segment: a number, -1 the next one (default), -2 the current or last one. */
  readonly from?: number;
  /** Ends the subscription quietly. */
  readonly signal?: AbortSignal;
}

/** Waits for changes of one segment. */
class Watch implements SegmentReader {
  readonly segment: Segment;
  /** Cut, or released: nothing more comes. */
  over = false;
  #wake: (() => void) | undefined;

  constructor(segment: Segment) {
    this.segment = segment;
    segment.attach(this);
  }

  changed(): void {
    this.#wake?.();
  }

  cut(): void {
    this.over = true;
    this.#wake?.();
  }

  release(): void {
    this.over = true;
    this.segment.detach(this);
    this.#wake?.();
  }

  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Segments of a channel, read inside the process. Iterate once. */
export class LocalSubscription implements AsyncIterable<LocalSegment> {
  readonly #channel: Channel;
  readonly #signal: AbortSignal | undefined;
  #from: number;
  #missed = 0;

  constructor(channel: Channel, { from = -1, signal }: LocalSubscribeOptions) {
    this.#channel = channel;
    this.#signal = signal;
    if (!Number.isSafeInteger(from) || from < -2) throw new RangeError('from must be -2, -1 or a number');
    this.#from = from === -1 ? channel.nextWrite : from === -2 ? Math.max(0, channel.nextWrite - 1) : from;
  }

  /** Why the channel ended; undefined while it is open. */
  get end(): ChannelEnd | undefined {
    return this.#channel.end;
  }

  /** Segments that were gone before they could be read. */
  get missed(): number {
    return this.#missed;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LocalSegment, void, void> {
    let current: Watch | undefined;
    let next: Watch | undefined;
    const stop = (): void => {
      current?.release();
      next?.release();
    };
    this.#signal?.addEventListener('abort', stop);
    try {
      next = this.#open();
      while (next !== undefined) {
        current = next;
        while (current.segment.bytes === 0 && !current.segment.closed && !current.over) await current.next();
        if (current.over) return;
        // The next one is held before this one is handed out: closing the channel does not take it away.
        next = this.#open();
        if (current.segment.bytes > 0) {
          yield { seq: current.segment.seq, chunks: this.#chunks(current) };
        }
        current.release();
      }
    } finally {
      this.#signal?.removeEventListener('abort', stop);
      stop();
    }
  }

  #open(): Watch | undefined {
    if (this.#channel.end !== undefined || this.#signal?.aborted) return undefined;
    let segment = this.#channel.openForRead(this.#from);
    if (segment === undefined) {
      this.#missed += Math.max(0, this.#channel.nextWrite - this.#from);
      segment = this.#channel.openForRead(this.#channel.nextWrite);
    }
    if (segment === undefined) return undefined;
    this.#from = segment.seq + 1;
    return new Watch(segment);
  }

  async *#chunks(watch: Watch): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; ; ) {
      const chunk: Uint8Array | undefined = watch.segment.chunks[at];
      if (chunk !== undefined) {
        at += 1;
        yield chunk;
      } else if (watch.segment.closed || watch.over) {
        return;
      } else {
        await watch.next();
      }
    }
  }
}
