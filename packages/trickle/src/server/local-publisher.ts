import type { Channel } from './channel.ts';
import { LocalWriteError } from './errors.ts';
import type { Segment } from './segment.ts';

/** Writes one segment from inside the process. */
export class LocalSegmentWriter {
  readonly seq: number;
  readonly #channel: Channel;
  readonly #segment: Segment;
  #started = false;

  constructor(channel: Channel, segment: Segment) {
    this.seq = segment.seq;
    this.#channel = channel;
    this.#segment = segment;
  }

  /** Readers have the bytes when this returns. They are kept, not copied. Throws `LocalWriteError`. */
  write(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    if (this.#channel.end !== undefined) throw new LocalWriteError('channel-closed');
    if (!this.#started && this.#segment.bytes > 0) throw new LocalWriteError('segment-exists');
    if (!this.#started && !this.#segment.closed) {
      this.#started = true;
      this.#channel.advance(this.seq);
    }
    const outcome = this.#segment.append(bytes);
    if (outcome === 'kept') return;
    this.#segment.close();
    if (outcome === 'dropped') throw new LocalWriteError('segment-closed');
    throw new LocalWriteError(outcome === 'full' ? 'buffer-full' : 'segment-too-large');
  }

  /** Ends the segment; without a write before, it is an empty one. */
  close(): void {
    if (this.#channel.end === undefined && !this.#started) this.#channel.advance(this.seq);
    this.#started = true;
    this.#segment.close();
  }
}

/** Publishes from inside the process (trickle.md section 3.2). One writer per channel. */
export class LocalPublisher {
  readonly #channel: Channel;
  #next: number;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#next = channel.nextWrite;
  }

  /** Begins the next segment. Throws `LocalWriteError` 'channel-closed' or 'segment-exists'. */
  segment(): LocalSegmentWriter {
    if (this.#channel.end !== undefined) throw new LocalWriteError('channel-closed');
    let seq = this.#next;
    let segment = this.#channel.openForWrite(seq);
    // Opened ahead and ended by others before it was written: its number is used up. The ring bounds how many.
    while (segment.closed && segment.bytes === 0) {
      this.#channel.advance(seq);
      seq += 1;
      segment = this.#channel.openForWrite(seq);
    }
    if (segment.bytes > 0 || segment.closed) throw new LocalWriteError('segment-exists');
    this.#channel.openForWrite(seq + 1);
    this.#next = seq + 1;
    return new LocalSegmentWriter(this.#channel, segment);
  }

  /** Publishes one whole segment. Throws `LocalWriteError`. */
  send(content: Uint8Array | string): void {
    const writer = this.segment();
    writer.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    writer.close();
  }
}
