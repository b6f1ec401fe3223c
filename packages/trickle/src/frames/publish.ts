import { type Clock, systemClock } from '@lp/runtime';
import { TrickleError } from '../client/errors.ts';
import { type PublishOptions, publishTo, type TricklePublisher } from '../client/publisher.ts';
import type { SegmentWriter } from '../client/segment-writer.ts';
import { encodeFrame, FRAMES_CONTENT_TYPE, type Frame } from './frame.ts';

/** How frames are published. */
export interface PublishFramesOptions extends Omit<PublishOptions, 'contentType'> {
  /** Milliseconds of frames in one segment. Default 500: the ring of five then holds about two seconds. */
  readonly segmentMs?: number;
}

/** Publishes frames as they come, in segments of equal length in time. Made by `publishFrames`. */
export class FramePublisher implements AsyncDisposable {
  readonly #publisher: TricklePublisher;
  readonly #clock: Clock;
  readonly #segmentNs: bigint;
  #segment: SegmentWriter | undefined;
  #openedNs = 0n;
  #frames = 0;
  #droppedFrames = 0;

  /** Use `publishFrames`. */
  constructor(channelUrl: string, { segmentMs = 500, ...options }: PublishFramesOptions) {
    this.#publisher = publishTo(channelUrl, { ...options, contentType: FRAMES_CONTENT_TYPE });
    this.#clock = options.clock ?? systemClock;
    this.#segmentNs = BigInt(Math.round(segmentMs * 1e6));
  }

  /** Why no further frame can be written; undefined while one can. */
  get ended(): TrickleError | undefined {
    return this.#publisher.ended;
  }

  /** Frames handed to the connection, and frames lost with their segment. */
  get stats(): { readonly frames: number; readonly dropped: number } {
    return { frames: this.#frames, dropped: this.#droppedFrames };
  }

  /**
   * Writes one frame; resolves when the next may be written. A frame that is lost with its segment is counted, not
   * thrown. Throws `TrickleError` once nothing more can be published, and `RangeError` for a field that does not fit.
   */
  async write(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame);
    const nowNs = this.#clock.monotonicNs();
    if (this.#segment !== undefined && nowNs - this.#openedNs >= this.#segmentNs) this.#roll();
    try {
      if (this.#segment === undefined) {
        this.#segment = this.#publisher.segment();
        this.#openedNs = nowNs;
      }
      await this.#segment.write(bytes);
      this.#frames += 1;
    } catch (error) {
      this.#droppedFrames += 1;
      this.#roll();
      if (!(error instanceof TrickleError) || this.#publisher.ended !== undefined) throw error;
    }
  }

  /** Ends the open segment and deletes the channel. Never throws. */
  async close(): Promise<void> {
    this.#segment = undefined;
    await this.#publisher.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the segment without waiting for its answer: the next one must not be late. */
  #roll(): void {
    // A failure is counted by the publisher, which ends after too many.
    this.#segment?.close().catch(() => {});
    this.#segment = undefined;
  }
}

/**
 * Publishes frames to the channel at `channelUrl`. One writer at a time: await each `write`.
 *
 * @example
 * await using frames = publishFrames(url);
 * await frames.write({ number: 1, capturedUs: BigInt(Date.now()) * 1000n, jpeg });
 */
export const publishFrames = (channelUrl: string, options: PublishFramesOptions = {}): FramePublisher =>
  new FramePublisher(channelUrl, options);
