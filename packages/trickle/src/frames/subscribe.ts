import type { EndReason } from '../client/segment-request.ts';
import {
  type SubscribeOptions,
  type SubscriptionStats,
  subscribe,
  type TrickleSubscription,
} from '../client/subscription.ts';
import { FrameDecoder, FrameError } from './decoder.ts';
import type { Frame } from './frame.ts';

/** How frames are read. */
export interface SubscribeFramesOptions extends SubscribeOptions {
  /** Largest picture that is taken, in bytes. Default 8 MiB. */
  readonly maxJpegBytes?: number;
}

/** Frames of one channel, in order. Iterate once. Made by `subscribeFrames`. */
export class FrameSubscription implements AsyncIterable<Frame> {
  readonly #subscription: TrickleSubscription;
  readonly #maxJpegBytes: number | undefined;
  #frames = 0;
  #broken = 0;

  /** Use `subscribeFrames`. */
  constructor(channelUrl: string, { maxJpegBytes, ...options }: SubscribeFramesOptions) {
    this.#subscription = subscribe(channelUrl, options);
    this.#maxJpegBytes = maxJpegBytes;
  }

  /** Why the iteration ended; undefined while it goes on. */
  get end(): EndReason | undefined {
    return this.#subscription.end;
  }

  /** Counts; `broken` are segments that ended inside a frame or held something else. */
  get stats(): SubscriptionStats & { readonly frames: number; readonly broken: number } {
    return { ...this.#subscription.stats, frames: this.#frames, broken: this.#broken };
  }

  /** Throws `TrickleError` when the channel can not be read. A broken segment is counted and left. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frame, void, void> {
    for await (const segment of this.#subscription) {
      const decoder = new FrameDecoder(
        this.#maxJpegBytes === undefined ? {} : { maxJpegBytes: this.#maxJpegBytes },
      );
      try {
        for await (const chunk of segment.chunks) {
          for (const frame of decoder.push(chunk)) {
            this.#frames += 1;
            yield frame;
          }
        }
        decoder.end();
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#broken += 1;
      }
    }
  }
}

/**
 * Reads frames from the channel at `channelUrl`.
 *
 * @example
 * for await (const frame of subscribeFrames(url, { signal })) show(frame.jpeg);
 */
export const subscribeFrames = (
  channelUrl: string,
  options: SubscribeFramesOptions = {},
): FrameSubscription => new FrameSubscription(channelUrl, options);
