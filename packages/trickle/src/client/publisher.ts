import { ChannelUrl } from './channel-url.ts';
import { TrickleError } from './errors.ts';
import { type ClientPorts, clientPorts, type TrickleClientOptions } from './options.ts';
import { PostLine } from './post-line.ts';
import { SegmentWriter, type WriterPorts } from './segment-writer.ts';
import { within } from './within.ts';

/** How a channel is published. */
export interface PublishOptions extends TrickleClientOptions {
  /** MIME type of the segments; a server that creates channels itself takes it over. */
  readonly contentType?: string;
  /**
   * `resume` (default) asks the server for the next number and releases readers of an earlier publisher. A number
   * starts there without asking: 0 suits a channel that was just made.
   */
  readonly start?: 'resume' | number;
  /** Longest wait, in milliseconds, for the server to take bytes or to answer. Default 10 s. */
  readonly stallMs?: number;
  /** Attempts in a row to reach the server before giving up. Default 5. */
  readonly attempts?: number;
  /**
   * Milliseconds between the last segment and the deletion of the channel by `close`. Deleting takes away what
   * slow readers have not read (trickle.md section 8, row 18). Default 500.
   */
  readonly lingerMs?: number;
}

/** Counts of one publisher. */
export interface PublisherStats {
  /** Segments the server has acknowledged. */
  readonly segments: number;
  readonly bytes: number;
  /** Segments given up. */
  readonly lost: number;
  /** Attempts that were repeated. */
  readonly retries: number;
}

/** Lost segments in a row that end the publisher. */
const MAX_LOST_IN_A_ROW = 3;
const CLEANUP_MS = 5_000;

/** Publishes a channel, one segment after the other (trickle.md section 3.2). Made by `publishTo`. */
export class TricklePublisher implements AsyncDisposable {
  readonly #url: ChannelUrl;
  readonly #options: PublishOptions;
  readonly #ports: ClientPorts;
  readonly #writerPorts: WriterPorts;
  readonly #line: PostLine;
  readonly #cleanups = new Set<Promise<unknown>>();
  #current: SegmentWriter | undefined;
  readonly #stop = new AbortController();
  /** The caller's signal or the end of this publisher. */
  readonly #signal: AbortSignal;
  #closing: Promise<void> | undefined;
  #lostInARow = 0;
  #stats = { segments: 0, bytes: 0, lost: 0 };

  /** Use `publishTo`. */
  constructor(channelUrl: string, options: PublishOptions) {
    this.#url = new ChannelUrl(channelUrl);
    this.#options = options;
    this.#ports = clientPorts(options);
    this.#signal =
      options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal]);
    const patience = { ms: options.stallMs ?? 10_000, clock: this.#ports.clock, signal: this.#signal };
    this.#line = new PostLine({
      url: this.#url,
      ports: this.#ports,
      patience,
      contentType: options.contentType ?? 'application/octet-stream',
      start: options.start ?? 'resume',
      attempts: options.attempts ?? 5,
    });
    this.#writerPorts = {
      origin: this.#url.origin,
      patience,
      begin: () => this.#line.next(),
      onLost: (seq, error) => this.#onLost(seq, error),
      onSent: (bytes) => {
        this.#lostInARow = 0;
        this.#stats.segments += 1;
        this.#stats.bytes += bytes;
      },
    };
  }

  /** Why no further segment can be written; undefined while it can. */
  get ended(): TrickleError | undefined {
    return this.#line.ended;
  }

  get stats(): PublisherStats {
    return { ...this.#stats, retries: this.#line.retries };
  }

  /** Begins the next segment. Close the previous one first (waiting for that is not needed). Throws `TrickleError`. */
  segment(): SegmentWriter {
    if (this.ended !== undefined) throw this.ended;
    if (this.#closing !== undefined) throw new TrickleError('closed', 'this publisher was closed');
    if (this.#current !== undefined && !this.#current.closing) {
      throw new TrickleError('segment-open', 'close the current segment before the next one');
    }
    this.#current = new SegmentWriter(this.#writerPorts);
    return this.#current;
  }

  /** Publishes one whole segment. Throws `TrickleError`. */
  async send(content: Uint8Array | string): Promise<void> {
    const writer = this.segment();
    try {
      await writer.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    } finally {
      // A failed write has its own error to tell; close repeats it.
      writer.close().catch(() => {});
    }
    await writer.close();
  }

  /** Ends the open segment and deletes the channel. Never throws; bounded in time. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    this.#line.openNoMore();
    const { clock, transport } = this.#ports;
    // Each step is best effort: the server's idle sweep does what fails here.
    const quietly = async (work: Promise<unknown>): Promise<void> => void (await work.catch(() => {}));
    const current = this.#current;
    if (current !== undefined && (current.closing || current.seq !== undefined)) {
      await quietly(within(current.close(), 'closing', this.#writerPorts.patience));
    }
    const gone = this.ended?.code === 'closed' || this.ended?.code === 'not-found';
    if (!gone) {
      const lingerMs = this.#stats.segments > 0 ? (this.#options.lingerMs ?? 500) : 0;
      if (lingerMs > 0) await quietly(clock.sleep(lingerMs, this.#signal));
      await quietly(transport.request({ method: 'DELETE', url: this.#url.channel, timeoutMs: CLEANUP_MS }));
      this.#line.end(new TrickleError('closed', 'this publisher was closed'));
    }
    // Also ends the body that waits, and attempts still under way.
    this.#stop.abort();
    await Promise.all(this.#cleanups);
  }

  #onLost(seq: number, error: TrickleError): void {
    this.#stats.lost += 1;
    this.#lostInARow += 1;
    if (error.terminal || this.#lostInARow >= MAX_LOST_IN_A_ROW) {
      this.#line.end(error);
      return;
    }
    // Its readers would wait for ever (trickle.md section 8, rows 8 and 9).
    const cleanup = this.#ports.transport
      .request({ method: 'DELETE', url: this.#url.at(seq), timeoutMs: CLEANUP_MS })
      .catch(() => {})
      .finally(() => this.#cleanups.delete(cleanup));
    this.#cleanups.add(cleanup);
  }
}

/**
 * Publishes to the channel at `channelUrl`. Returns at once and connects in the background. Throws `TypeError` for
 * what is not a URL.
 *
 * @example
 * await using publisher = publishTo(url, { contentType: 'application/json' });
 * await publisher.send('{"hello":"world"}');
 */
export const publishTo = (channelUrl: string, options: PublishOptions = {}): TricklePublisher =>
  new TricklePublisher(channelUrl, options);
