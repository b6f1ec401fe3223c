import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Clock } from '@lp/runtime';
import { TERMINATED, TRICKLE_HEADERS } from '../headers.ts';
import type { Channel } from './channel.ts';
import { type Reply, refuse, sendEmpty } from './reply.ts';
import type { Segment } from './segment.ts';

/** Milliseconds of silence after which an interim answer is sent, where the server is asked to. */
const INTERIM_MS = 10_000;

/** Which interim answer a waiting POST gets; see trickle.md section 8, rows 1 and 2. */
export type Interim = 'none' | 'continue' | 'processing';

/** One POST of a segment (trickle.md section 3.1). */
export class SegmentWrite {
  readonly #channel: Channel;
  readonly #segment: Segment;
  readonly #request: IncomingMessage;
  readonly #reply: Reply;
  /** Only where interim answers are asked for: one more controller for each POST is not free. */
  #interims: AbortController | undefined;
  #stopListening: () => void = () => {};
  #state: 'waiting' | 'flowing' | 'answered' = 'waiting';

  private constructor(channel: Channel, segment: Segment, request: IncomingMessage, reply: Reply) {
    this.#channel = channel;
    this.#segment = segment;
    this.#request = request;
    this.#reply = reply;
  }

  /** Takes over the exchange. `index` is at least -1. */
  static serve(
    channel: Channel,
    index: number,
    request: IncomingMessage,
    reply: Reply,
    { interim, clock }: { interim: Interim; clock: Clock },
  ): void {
    const seq = index === -1 ? channel.nextWrite : index;
    const segment = channel.openForWrite(seq);
    if (request.headers['lp-trickle-reset']) channel.resetBefore(seq);
    const write = new SegmentWrite(channel, segment, request, reply);
    write.#listen();
    if (interim !== 'none') write.#startInterims(interim, clock);
  }

  #listen(): void {
    // A completed segment takes no more bytes: the writer learns its number and goes on.
    if (this.#segment.closed) {
      this.#finishEmpty();
      return;
    }
    this.#stopListening = this.#segment.onClose(() => {
      if (this.#state === 'waiting') this.#finishEmpty();
    });
    this.#request.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#request.once('end', () => this.#onEnd());
    this.#request.once('error', () => this.#onBroken());
    this.#request.once('close', () => this.#onBroken());
  }

  #onData(chunk: Buffer): void {
    if (this.#state === 'answered') return;
    if (this.#state === 'waiting') {
      this.#startFlowing();
      this.#channel.advance(this.#segment.seq);
    }
    const outcome = this.#segment.append(chunk);
    if (outcome === 'too-large') this.#giveUp(413, 'Segment too large');
    else if (outcome === 'full') this.#giveUp(503, 'Buffers full');
  }

  #onEnd(): void {
    if (this.#state === 'waiting') {
      this.#finishEmpty();
    } else if (this.#state === 'flowing') {
      this.#state = 'answered';
      this.#segment.close();
      sendEmpty(this.#reply, 200, this.#seqHeader());
    }
  }

  /** Reading the body failed. The segment stays open: the writer may come back for it (step 8). */
  #onBroken(): void {
    if (this.#state === 'answered') return;
    this.#startFlowing();
    this.#state = 'answered';
    if (!this.#reply.raw.destroyed) refuse(this.#reply, 500, 'Server error', { connection: 'close' });
  }

  /** No byte came: the body, the segment or the channel ended first (step 7). */
  #finishEmpty(): void {
    this.#startFlowing();
    this.#state = 'answered';
    if (this.#channel.end === undefined) this.#channel.advance(this.#segment.seq);
    this.#segment.close();
    sendEmpty(this.#reply, 200, {
      ...this.#seqHeader(),
      connection: 'close',
      ...(this.#channel.end === undefined ? {} : { [TRICKLE_HEADERS.closed]: TERMINATED }),
    });
  }

  /** A limit was reached: readers get what came so far. */
  #giveUp(status: number, text: string): void {
    this.#state = 'answered';
    this.#segment.close();
    refuse(this.#reply, status, text, { ...this.#seqHeader(), connection: 'close' });
  }

  #startFlowing(): void {
    this.#state = 'flowing';
    this.#stopListening();
    this.#interims?.abort();
  }

  #seqHeader(): OutgoingHttpHeaders {
    return { [TRICKLE_HEADERS.seq]: String(this.#segment.seq) };
  }

  #startInterims(interim: Exclude<Interim, 'none'>, clock: Clock): void {
    if (this.#state !== 'waiting') return;
    this.#interims = new AbortController();
    void this.#sendInterims(interim, clock, this.#interims.signal);
  }

  async #sendInterims(interim: Exclude<Interim, 'none'>, clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await clock.sleep(INTERIM_MS, signal);
      } catch {
        // The wait is over: data came, or the exchange ended.
        return;
      }
      if (interim === 'continue') this.#reply.raw.writeContinue();
      else this.#reply.raw.writeProcessing();
    }
  }
}
