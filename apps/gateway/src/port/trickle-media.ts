import type { Clock, Random } from '@lp/runtime';
import { publishFrames, subscribeFrames, type TrickleTransport } from '@lp/trickle';
import type { MediaPort } from './media-port.ts';

/** Attempts of the client before it reports trouble: few, because the bridge goes on trying and the session asks why. */
const ATTEMPTS = 2;

/** Frames over trickle channels. */
export function trickleMedia(options: {
  readonly transport: TrickleTransport;
  readonly clock: Clock;
  readonly random: Random;
  /** Largest picture that is taken from a runner, in bytes. */
  readonly maxJpegBytes: number;
}): MediaPort {
  const { maxJpegBytes, ...ports } = options;
  return {
    publish(url, signal) {
      const own = new AbortController();
      const publisher = publishFrames(url, {
        ...ports,
        attempts: ATTEMPTS,
        stallMs: 5000,
        signal: AbortSignal.any([signal, own.signal]),
      });
      return {
        write: (frame) => publisher.write(frame),
        // Not `publisher.close()`, which deletes the channel: the session's end does that.
        close: async () => own.abort(),
      };
    },
    subscribe: (url, signal) => subscribeFrames(url, { ...ports, attempts: ATTEMPTS, maxJpegBytes, signal }),
  };
}
