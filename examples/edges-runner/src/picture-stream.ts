import type { SessionChannel } from '@lp/runner';
import type { Clock, Transport } from '@lp/runtime';
import { type Frame, publishFrames, subscribeFrames } from '@lp/trickle';
import { Backlog } from './backlog.ts';
import { type Effect, transform } from './effects.ts';
import { type StreamCounts, StreamReport } from './stream-report.ts';

/** Pictures that may wait for the effect: a third of a second at 24 a second. */
const BACKLOG = 8;
const MAX_JPEG_BYTES = 2 * 1024 * 1024;

/** Why a stream is over. */
export type StreamEnd =
  /** The client closed its channel. */
  | 'input-closed'
  /** Nobody can read the results any more. */
  | 'output-closed'
  /** The session was released. */
  | 'session-ended'
  /** This program stops. */
  | 'shutdown'
  /** A defect, or channels that cannot be reached. */
  | 'failed';

/** The channels of a stream. */
export interface StreamChannels {
  readonly input: SessionChannel;
  readonly output: SessionChannel;
  readonly events: SessionChannel;
}

/** What a stream works with. */
export interface StreamParts {
  readonly channels: StreamChannels;
  readonly effect: Effect;
  /** Aborts with the session, or with the program. */
  readonly signal: AbortSignal;
  /** Why the signal aborted. */
  readonly abortedBy: () => StreamEnd;
  readonly clock: Clock;
  readonly transport: Transport;
}

/** One client's pictures: read from `in`, changed, published to `out`. */
export class PictureStream {
  /** May be changed while the stream runs. */
  effect: Effect;
  readonly channels: StreamChannels;
  /** Resolves when the stream is over and its channels are closed. Never rejects. */
  readonly ended: Promise<StreamEnd>;
  readonly #parts: StreamParts;
  readonly #stop = new AbortController();
  readonly #backlog = new Backlog<Frame>(BACKLOG);
  #received = 0;
  #sent = 0;
  #bad = 0;
  #lostSegments = 0;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.effect = parts.effect;
    this.channels = parts.channels;
    this.ended = this.#run();
  }

  get counts(): StreamCounts {
    return {
      received: this.#received,
      sent: this.#sent,
      dropped: this.#backlog.dropped,
      bad: this.#bad,
      lostSegments: this.#lostSegments,
    };
  }

  async #run(): Promise<StreamEnd> {
    const { channels, clock, transport } = this.#parts;
    const signal = AbortSignal.any([this.#parts.signal, this.#stop.signal]);
    const counts = () => this.counts;
    const report = new StreamReport(channels.events.internalUrl, { clock, transport, counts });
    const reporting = report.run(signal);
    const reading = this.#read(signal);
    const working = this.#work();
    // The first that ends stops the others; the reader drains into the worker first.
    const first = await Promise.race([
      reading.then(async (end) => (end === 'input-closed' ? await working.then(() => end) : end)),
      working,
    ]);
    this.#stop.abort();
    this.#backlog.end();
    await Promise.all([reading, working, reporting]);
    const end = this.#parts.signal.aborted ? this.#parts.abortedBy() : first;
    await report.end(end);
    return end;
  }

  async #read(signal: AbortSignal): Promise<StreamEnd> {
    const { channels, clock, transport } = this.#parts;
    const frames = subscribeFrames(channels.input.internalUrl, {
      from: 0,
      maxJpegBytes: MAX_JPEG_BYTES,
      signal,
      clock,
      transport,
    });
    try {
      for await (const frame of frames) {
        this.#received++;
        this.#lostSegments = frames.stats.missed + frames.stats.broken;
        this.#backlog.push(frame);
      }
      return 'input-closed';
    } catch {
      // Told to the client as the reason; the channel's errors hold nothing that it could use.
      return 'failed';
    } finally {
      this.#lostSegments = frames.stats.missed + frames.stats.broken;
      this.#backlog.end();
    }
  }

  async #work(): Promise<StreamEnd> {
    const { channels, clock, transport } = this.#parts;
    const output = publishFrames(channels.output.internalUrl, { start: 0, clock, transport });
    try {
      for await (const frame of this.#backlog) {
        const jpeg = await transform(frame.jpeg, this.effect).catch(() => undefined);
        if (jpeg === undefined) {
          this.#bad++;
          continue;
        }
        await output.write({ ...frame, jpeg });
        this.#sent++;
        if (this.#parts.signal.aborted) break;
      }
      return 'input-closed';
    } catch {
      return 'output-closed';
    } finally {
      await output.close();
    }
  }
}
