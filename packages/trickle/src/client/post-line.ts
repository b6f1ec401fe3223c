import { backoff, type HttpResponse, TransportError } from '@lp/runtime';
import { answeredLatest, failureOf } from './answer.ts';
import type { ChannelUrl } from './channel-url.ts';
import { TrickleError } from './errors.ts';
import type { ClientPorts } from './options.ts';
import { canStream, openPost, type SegmentPost } from './segment-post.ts';
import { type Patience, within } from './within.ts';

/** What a line of POSTs needs. */
export interface PostLineOptions {
  readonly url: ChannelUrl;
  readonly ports: ClientPorts;
  readonly patience: Patience;
  readonly contentType: string;
  readonly start: 'resume' | number;
  /** Attempts in a row to reach the server. */
  readonly attempts: number;
}

const BACKOFF = { baseMs: 200, maxMs: 2_000 };
/** Segments in a row that others may have closed before they were written. */
const MAX_SKIPPED = 16;

/** The POSTs of a publisher, in order of their numbers: the next one is open before there are data for it. */
export class PostLine {
  readonly #options: PostLineOptions;
  #next: number | undefined;
  /** Number whose POST tells the server that an earlier publisher is gone. */
  #resetAt: number | undefined;
  #ahead: SegmentPost | undefined;
  #opening = true;
  /** Segments begin one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #ended: TrickleError | undefined;
  #retries = 0;

  constructor(options: PostLineOptions) {
    this.#options = options;
    // Connects before the first write, which tells when that has failed.
    this.#inTurn(() => this.#start()).catch(() => {});
  }

  /** Why no further POST is made; undefined while they are. */
  get ended(): TrickleError | undefined {
    return this.#ended;
  }

  /** Attempts that were repeated. */
  get retries(): number {
    return this.#retries;
  }

  /** A connected POST for the next number. Throws `TrickleError`. */
  next(): Promise<SegmentPost> {
    return this.#inTurn(() => this.#begin());
  }

  /** Opens no further POST ahead of its data. */
  openNoMore(): void {
    this.#opening = false;
  }

  /** Makes no further POST; the first reason stays. */
  end(reason: TrickleError): void {
    this.#ended ??= reason;
    this.#ahead?.abort();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Finds the first number and opens its POST. */
  async #start(): Promise<number> {
    if (this.#next !== undefined) return this.#next;
    const { start } = this.#options;
    if (start === 'resume') {
      this.#next = await this.#retried(() => this.#askPosition());
      this.#resetAt = this.#next;
    } else {
      this.#next = start;
    }
    this.#openAhead(this.#next);
    return this.#next;
  }

  async #askPosition(): Promise<number> {
    const { url, ports, patience } = this.#options;
    const answer: HttpResponse = await ports.transport.request({
      method: 'GET',
      url: url.at('next'),
      timeoutMs: patience.ms,
      signal: patience.signal,
    });
    const failure = failureOf(url.origin, answer);
    if (failure !== undefined) throw failure;
    const latest = answeredLatest(answer.headers);
    if (latest === undefined) throw new TrickleError('protocol', `${url.origin} does not speak trickle`);
    return latest;
  }

  async #begin(): Promise<SegmentPost> {
    let next = await this.#start();
    return await this.#retried(async () => {
      for (let skipped = 0; skipped < MAX_SKIPPED; skipped++) {
        const post = this.#ahead ?? this.#open(next);
        this.#ahead = undefined;
        await this.#connected(post);
        const { early } = post;
        if (early instanceof TransportError) throw early;
        const failure = early && failureOf(this.#options.url.origin, early);
        if (failure !== undefined) throw failure;
        next = post.seq + 1;
        this.#next = next;
        if (early === undefined) {
          this.#openAhead(next);
          return post;
        }
        // Somebody closed the segment before it was written: its number is used up.
      }
      throw new TrickleError(
        'protocol',
        `${this.#options.url.origin} ends every segment before it is written`,
      );
    });
  }

  async #connected(post: SegmentPost): Promise<void> {
    try {
      await within(post.connected, 'connecting', this.#options.patience);
    } catch (error) {
      post.abort();
      throw error;
    }
  }

  #openAhead(seq: number): void {
    if (canStream(this.#options.ports.transport) && this.#opening) this.#ahead = this.#open(seq);
  }

  #open(seq: number): SegmentPost {
    const { url, ports, patience, contentType } = this.#options;
    return openPost(ports.transport, {
      url: url.at(seq),
      seq,
      contentType,
      reset: seq === this.#resetAt,
      signal: patience.signal,
      timeoutMs: patience.ms,
    });
  }

  /** Repeats `work` while the network fails; ends the line when it gives up. */
  async #retried<T>(work: () => Promise<T>): Promise<T> {
    const { ports, patience } = this.#options;
    for (let attempt = 0; ; attempt++) {
      if (this.#ended !== undefined) throw this.#ended;
      try {
        return await work();
      } catch (error) {
        const final = this.#finalError(error, attempt + 1);
        if (final !== undefined) {
          this.end(final);
          throw final;
        }
      }
      this.#retries += 1;
      const waitMs = backoff(attempt, { ...BACKOFF, random: ports.random });
      await ports.clock.sleep(waitMs, patience.signal).catch((cause: unknown) => {
        throw new TrickleError('aborted', 'publishing was aborted', { cause });
      });
    }
  }

  /** What to give up with after a failed attempt; undefined to try again. */
  #finalError(error: unknown, attempts: number): TrickleError | undefined {
    const { url, patience } = this.#options;
    if (patience.signal.aborted) {
      return new TrickleError('aborted', 'publishing was aborted', { cause: patience.signal.reason });
    }
    const repeatable =
      error instanceof TransportError
        ? error.code !== 'invalid-url' && error.code !== 'forbidden-address'
        : error instanceof TrickleError && (error.code === 'stalled' || (error.status ?? 0) >= 500);
    if (error instanceof TrickleError && !repeatable) return error;
    if (repeatable && attempts < this.#options.attempts) return undefined;
    const message = `${url.origin} could not be reached in ${attempts} attempts`;
    return new TrickleError('unreachable', message, { cause: error });
  }
}
