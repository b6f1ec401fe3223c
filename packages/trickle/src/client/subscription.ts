import { ChannelUrl } from './channel-url.ts';
import { TrickleError } from './errors.ts';
import { clientPorts, type TrickleClientOptions } from './options.ts';
import { SegmentBody, type SegmentCut } from './segment-body.ts';
import {
  discard,
  type EndReason,
  findSegment,
  type RequestContext,
  type RequestCounters,
  type SegmentFound,
} from './segment-request.ts';

/** How a channel is read. */
export interface SubscribeOptions extends TrickleClientOptions {
  /** First segment: a number, -1 the next one, -2 (default) the current or last one from its start. */
  readonly from?: number;
  /** Milliseconds without an answer after which the same request is made again. Default 20 s. */
  readonly silentMs?: number;
  /** Milliseconds without a byte inside a segment after which it is given up. Default 30 s. */
  readonly stallMs?: number;
  /** Failures in a row that end the subscription. Default 5. */
  readonly attempts?: number;
}

/** One segment as it arrives. */
export interface TrickleSegment {
  readonly seq: number;
  /** MIME type of the channel. */
  readonly contentType: string | undefined;
  /** Segments skipped just before this one. */
  readonly missed: number;
  /** The bytes as they come. Iterate once; asking for the next segment gives up the rest. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Set when the chunks ended before the segment did. */
  readonly cut: SegmentCut | undefined;
}

/** Counts of one subscription. */
export interface SubscriptionStats extends Readonly<RequestCounters> {
  readonly segments: number;
  readonly bytes: number;
  /** Segments that were gone before they could be read. */
  readonly missed: number;
  /** Segments that ended early. */
  readonly cut: number;
}

/** Segments of one channel, in order. Iterate once. Made by `subscribe`. */
export class TrickleSubscription implements AsyncIterable<TrickleSegment> {
  readonly #context: RequestContext;
  readonly #live = new AbortController();
  readonly #options: SubscribeOptions;
  readonly #counters: RequestCounters = { retries: 0, empty: 0, jumps: 0 };
  #segments = 0;
  #bytes = 0;
  #missed = 0;
  #cut = 0;
  #end: EndReason | undefined;

  /** Use `subscribe`. */
  constructor(channelUrl: string, options: SubscribeOptions) {
    const { from = -2 } = options;
    if (!Number.isSafeInteger(from) || from < -2) throw new RangeError('from must be -2, -1 or a number');
    this.#options = options;
    this.#context = {
      url: new ChannelUrl(channelUrl),
      ports: clientPorts(options),
      signal: this.#live.signal,
      silentMs: options.silentMs ?? 20_000,
      attempts: options.attempts ?? 5,
      counters: this.#counters,
    };
  }

  /** Why the iteration ended; undefined while it goes on. */
  get end(): EndReason | undefined {
    return this.#end;
  }

  get stats(): SubscriptionStats {
    return {
      ...this.#counters,
      segments: this.#segments,
      bytes: this.#bytes,
      missed: this.#missed,
      cut: this.#cut,
    };
  }

  /** Throws `TrickleError` when the channel can not be read; ends quietly for every other reason (see `end`). */
  async *[Symbol.asyncIterator](): AsyncGenerator<TrickleSegment, void, void> {
    const { signal, from = -2, stallMs = 30_000 } = this.#options;
    const onAbort = (): void => this.#live.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    let expected: number | undefined = from >= 0 ? from : undefined;
    let found = findSegment(this.#context, from);
    try {
      for (;;) {
        const segment = await found;
        if (segment.end !== undefined) {
          this.#end = segment.end;
          return;
        }
        const { seq, stream } = segment;
        found = this.#ahead(seq + 1);
        const missed = expected === undefined ? 0 : Math.max(0, seq - expected);
        expected = seq + 1;
        this.#segments += 1;
        this.#missed += missed;
        const body = new SegmentBody(this.#context, seq, stream, stallMs);
        yield {
          seq,
          contentType: stream.headers['content-type'],
          missed,
          chunks: body,
          get cut() {
            return body.cut;
          },
        };
        await body.leave();
        this.#bytes += body.bytes;
        if (body.cut !== undefined) this.#cut += 1;
      }
    } catch (error) {
      this.#end = 'failed';
      throw error instanceof TrickleError
        ? error
        : new TrickleError('unreachable', `${this.#context.url.origin} could not be read`, { cause: error });
    } finally {
      this.#end ??= signal?.aborted ? 'aborted' : 'left';
      signal?.removeEventListener('abort', onAbort);
      this.#live.abort();
      found.then((last) => (last.end === undefined ? discard(last.stream) : undefined)).catch(() => {});
    }
  }

  /** Asks for the next segment while this one is read. Its failure is told when its turn comes. */
  #ahead(seq: number): Promise<SegmentFound> {
    const found = findSegment(this.#context, seq);
    found.catch(() => {});
    return found;
  }
}

/**
 * Reads the channel at `channelUrl`. Nothing is requested before the first segment is asked for. Throws `TypeError`
 * for what is not a URL, `RangeError` for a wrong `from`.
 *
 * @example
 * for await (const segment of subscribe(url, { from: -1, signal })) {
 *   for await (const chunk of segment.chunks) console.log(segment.seq, chunk.byteLength);
 * }
 */
export const subscribe = (channelUrl: string, options: SubscribeOptions = {}): TrickleSubscription =>
  new TrickleSubscription(channelUrl, options);
