import { SEGMENT_UNAVAILABLE, TERMINATED, TRICKLE_HEADERS } from '../headers.ts';
import type { Channel } from './channel.ts';
import { type Reply, refuse, sendEmpty, sendHead } from './reply.ts';
import type { Segment, SegmentReader } from './segment.ts';

/** Told while a reader's connection takes no more bytes. */
export interface BlockedReaders {
  setBlocked(reader: { cut(): void }, blocked: boolean): void;
}

/** One GET of a segment (trickle.md section 4.1): writes from the segment's chunks as fast as the peer reads. */
export class SegmentRead implements SegmentReader {
  readonly #channel: Channel;
  readonly #segment: Segment;
  readonly #reply: Reply;
  readonly #blockedReaders: BlockedReaders;
  /** `nextWrite` when the request arrived. */
  readonly #latest: number;
  #at = 0;
  #blocked = false;

  private constructor(channel: Channel, segment: Segment, reply: Reply, blockedReaders: BlockedReaders) {
    this.#channel = channel;
    this.#segment = segment;
    this.#reply = reply;
    this.#blockedReaders = blockedReaders;
    this.#latest = channel.nextWrite;
  }

  /** Takes over the exchange. `index` is at least -2. */
  static serve(channel: Channel, index: number, reply: Reply, blockedReaders: BlockedReaders): void {
    const { nextWrite } = channel;
    const seq = index === -1 ? nextWrite : index === -2 ? Math.max(0, nextWrite - 1) : index;
    const segment = channel.openForRead(seq);
    if (segment === undefined) {
      refuse(reply, SEGMENT_UNAVAILABLE, 'Entry not found', {
        [TRICKLE_HEADERS.seq]: String(index),
        [TRICKLE_HEADERS.latest]: String(nextWrite),
      });
      return;
    }
    const read = new SegmentRead(channel, segment, reply, blockedReaders);
    segment.attach(read);
    reply.raw.once('close', () => read.#release());
    reply.raw.on('drain', () => read.#onDrain());
    read.changed();
  }

  changed(): void {
    const { raw } = this.#reply;
    if (this.#blocked || raw.destroyed || raw.writableEnded) return;
    const { chunks } = this.#segment;
    for (let chunk = chunks[this.#at]; chunk !== undefined; chunk = chunks[this.#at]) {
      if (this.#at === 0) this.#start();
      this.#at += 1;
      if (!raw.write(chunk)) {
        this.#blocked = true;
        this.#blockedReaders.setBlocked(this, true);
        return;
      }
    }
    if (this.#segment.closed) this.#finish();
  }

  /** Breaks the connection, so that the peer can tell this from the end of the segment. */
  cut(): void {
    this.#reply.raw.destroy();
  }

  #onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#blockedReaders.setBlocked(this, false);
    this.changed();
  }

  /** Headers go out with the first bytes, not before. */
  #start(): void {
    const { seq, closed, bytes } = this.#segment;
    sendHead(this.#reply, 200, {
      [TRICKLE_HEADERS.seq]: String(seq),
      'content-type': this.#channel.contentType,
      'cache-control': 'no-store',
      ...(this.#latest === seq ? {} : { [TRICKLE_HEADERS.latest]: String(this.#latest) }),
      // The length of a finished segment is known: the peer can tell a broken connection from the end.
      ...(closed ? { 'content-length': bytes } : {}),
    });
  }

  #finish(): void {
    if (this.#at > 0) {
      this.#reply.raw.end();
      return;
    }
    sendEmpty(this.#reply, 200, {
      [TRICKLE_HEADERS.seq]: String(this.#segment.seq),
      [TRICKLE_HEADERS.latest]: String(this.#channel.nextWrite),
      'cache-control': 'no-store',
      ...(this.#channel.end === undefined ? {} : { [TRICKLE_HEADERS.closed]: TERMINATED }),
    });
  }

  #release(): void {
    this.#blockedReaders.setBlocked(this, false);
    this.#segment.detach(this);
  }
}
