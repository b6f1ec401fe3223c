import { HttpError } from '@lp/service';
import { z } from 'zod';

/** The trickle channels of one stream. Whoever knows a URL may use it. */
export interface Channels {
  readonly in: string;
  readonly out: string;
  readonly events?: string;
}

const answer = z.object({
  in: z.url().max(2048),
  out: z.url().max(2048),
  events: z.url().max(2048).optional(),
});

/**
 * Checks the answer of an app's `/stream`. Channels must lie on `origins` (the orchestrator's): a runner must not
 * be able to send the gateway anywhere else. Throws 502 `bad-stream-answer` or `foreign-channel`.
 */
export function readChannels(value: unknown, origins: readonly string[]): Channels {
  const result = answer.safeParse(value);
  if (!result.success) {
    throw new HttpError(502, 'bad-stream-answer', 'the app did not answer /stream with the URLs in and out', {
      hint: 'choose an app that streams pictures',
    });
  }
  const { events, ...media } = result.data;
  const channels: Channels = events === undefined ? media : { ...media, events };
  for (const [name, url] of Object.entries(channels)) {
    if (!origins.includes(new URL(url).origin)) {
      throw new HttpError(
        502,
        'foreign-channel',
        `the channel ${name} is not at the orchestrator of the session`,
      );
    }
  }
  return channels;
}
