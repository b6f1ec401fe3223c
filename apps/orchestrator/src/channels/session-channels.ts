import { Refusal } from '../errors.ts';
import type { RunnerSession, SessionChannel } from '../registry/session.ts';
import type { ChannelHost } from './host.ts';

const MAX_PER_REQUEST = 25;
/** Upstream has no limit per session; ours keeps a runner from filling the server. */
const MAX_PER_SESSION = 100;
const NAME = /^[A-Za-z0-9_-]{1,128}$/;

const bad = (message: string, code: string): Refusal => new Refusal(400, message, { code });

/** A channel's name as it is used: trimmed, `/` turned into `-`. @throws Refusal 400. */
function channelName(given: string): string {
  const name = given.trim().replaceAll('/', '-');
  if (!NAME.test(name)) throw bad('channel name must match [A-Za-z0-9_-]+', 'invalid-channel-name');
  return name;
}

/**
 * Creates trickle channels for a session, or returns those that exist (live-runner.md section 10.3). Everything is
 * checked before anything is created. A channel that the server has closed meanwhile is created anew.
 *
 * @throws Refusal 400.
 */
export function createChannels(
  session: RunnerSession,
  wanted: readonly { name: string; mimeType: string }[],
  host: ChannelHost,
): readonly SessionChannel[] {
  if (wanted.length === 0) throw bad('channels is required', 'channels-required');
  if (wanted.length > MAX_PER_REQUEST)
    throw bad(`channels cannot contain more than ${MAX_PER_REQUEST} entries`, 'too-many-channels');
  const named = wanted.map(({ name, mimeType }) => ({ name: channelName(name), mimeType }));
  const added = named.filter(({ name }) => !session.channels.has(name)).length;
  if (session.channels.size + added > MAX_PER_SESSION)
    throw bad(`a session cannot have more than ${MAX_PER_SESSION} channels`, 'too-many-channels');
  return named.map(({ name, mimeType }) => {
    const existing = session.channels.get(name);
    if (existing !== undefined && host.isOpen(existing.channelName)) return existing;
    const channel: SessionChannel = existing ?? {
      name,
      channelName: `${session.id}-${name}`,
      mimeType: mimeType.trim() === '' ? 'application/octet-stream' : mimeType.trim(),
    };
    host.create(channel.channelName, channel.mimeType, session.id);
    session.channels.set(name, channel);
    return channel;
  });
}

/** Closes channels of a session; returns their names. @throws Refusal 400, or 404 when one does not exist. */
export function deleteChannels(
  session: RunnerSession,
  names: readonly string[],
  host: ChannelHost,
): readonly string[] {
  if (names.length === 0) throw bad('channels is required', 'channels-required');
  if (names.length > MAX_PER_REQUEST)
    throw bad(`channels cannot contain more than ${MAX_PER_REQUEST} entries`, 'too-many-channels');
  const channels = names.map((given) => {
    const channel = session.channels.get(channelName(given));
    if (channel === undefined)
      throw new Refusal(404, 'trickle channel not found', { code: 'channel-not-found' });
    return channel;
  });
  for (const channel of channels) {
    host.close(channel.channelName);
    session.channels.delete(channel.name);
  }
  return channels.map((channel) => channel.name);
}
