import * as z from 'zod/mini';
import { rule } from './scalars.ts';

const text = z.string().check(z.minLength(1, { error: 'must not be empty' }));
const optionalText = z.exactOptional(z.string());
const DEFAULT_MIME_TYPE = 'application/octet-stream';
const MAX_CHANNELS = 25;
const CHANNELS_REQUIRED = { error: 'channels is required' };

/** Body of the 200 of a reservation (live-runner.md section 7). */
export const sessionReply = z.object({ session_id: text, app_url: text, control_url: text });

/** A reserved session. */
export type SessionReply = z.output<typeof sessionReply>;

const channelName = z.codec(
  z.string(),
  z.string().check(rule((name) => /^[A-Za-z0-9_-]{1,128}$/.test(name), 'invalid channel name')),
  { decode: (name) => name.trim().replaceAll('/', '-'), encode: (name) => name },
);

/** A channel's MIME type; blank is `application/octet-stream`. */
const mimeType = z.codec(z.string(), z.string(), {
  decode: (mime) => (mime.trim() === '' ? DEFAULT_MIME_TYPE : mime.trim()),
  encode: (mime) => mime,
});

/** Body of `POST .../channels` (live-runner.md section 10.3): 1 to 25 channels. */
export const channelsRequest = z.object({
  channels: z
    .array(
      z.object({ name: channelName, mime_type: z._default(mimeType, DEFAULT_MIME_TYPE) }),
      CHANNELS_REQUIRED,
    )
    .check(
      rule((channels) => channels.length > 0, CHANNELS_REQUIRED.error),
      rule((channels) => channels.length <= MAX_CHANNELS, 'channels cannot contain more than 25 entries'),
    ),
});

/** A trickle channel of a session. */
export const channel = z.object({
  name: text,
  channel_name: text,
  url: text,
  /** The runner's own way to it, where the orchestrator has one. */
  internal_url: optionalText,
  mime_type: z._default(z.string(), DEFAULT_MIME_TYPE),
});

/** A trickle channel of a session. */
export type Channel = z.output<typeof channel>;

/** Body of its 200. */
export const channelsResponse = z.object({ channels: z.array(channel) });

/** Body of `DELETE .../channels`: names. */
export const deleteChannelsRequest = z.object({
  channels: z.array(z.string(), CHANNELS_REQUIRED).check(
    rule((names) => names.length > 0, CHANNELS_REQUIRED.error),
    rule((names) => names.length <= MAX_CHANNELS, 'channels cannot contain more than 25 entries'),
  ),
});

/** Body of its 200. */
export const deleteChannelsResponse = z.object({ deleted: z.array(z.string()) });

/** Body of `POST .../proxy` (live-runner.md section 10.2); without target it is the runner's own URL. */
export const proxyRequest = z.object({ target_url: optionalText });

/** Body of its 200. */
export const proxyResponse = z.object({ proxy_id: text, url: text });
