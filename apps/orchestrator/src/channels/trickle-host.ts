import { ChannelRefusedError, LocalWriteError, type TrickleServer } from '@lp/trickle/server';
import { Refusal } from '../errors.ts';
import type { ChannelHost } from './host.ts';

/** The orchestrator's channels on its trickle server. */
export function trickleHost(server: TrickleServer): ChannelHost {
  return {
    create: (channelName, mimeType, owner) => {
      try {
        server.create(channelName, { contentType: mimeType, ...(owner === undefined ? {} : { owner }) });
      } catch (error) {
        if (!(error instanceof ChannelRefusedError)) throw error;
        throw new Refusal(503, error.message, { code: error.code, cause: error });
      }
    },
    isOpen: (channelName) => server.channel(channelName) !== undefined,
    close: (channelName) => void server.delete(channelName),
    publish: (channelName, segment) => {
      const publisher = server.publish(channelName);
      if (publisher === undefined) return false;
      try {
        publisher.send(segment);
        return true;
      } catch (error) {
        // A stranger wrote to the channel, or buffers are full: this message is lost, the channel lives.
        if (error instanceof LocalWriteError) return error.code !== 'channel-closed';
        throw error;
      }
    },
  };
}
