import {
  channelsRequest,
  decodeWith,
  deleteChannelsRequest,
  foldKeys,
  parseJson,
  stringifyJson,
} from '@lp/protocol';
import type { FastifyRequest } from 'fastify';
import { createChannels, deleteChannels } from '../channels/session-channels.ts';
import { Refusal, sessionNotFound } from '../errors.ts';
import { type Orchestrator, TRICKLE_PATH } from '../orchestrator.ts';
import type { Runner } from '../registry/runner.ts';
import { sameSecret } from '../registry/secrets.ts';
import type { RunnerSession } from '../registry/session.ts';
import { bodyBytes, header, param, type Route } from './route.ts';

const SESSION = '/runner/:route/session/:session';

/** What a runner may ask for its sessions: channels, and their end (live-runner.md section 10.3). */
export const callbackRoutes = (orchestrator: Orchestrator): readonly Route[] => [
  {
    method: 'POST',
    url: `${SESSION}/channels`,
    handler: (request, reply) => {
      const { session } = authorized(orchestrator, request);
      const { channels } = decodeWith(channelsRequest, readBody(channelsRequest, request));
      const wanted = channels.map(({ name, mime_type }) => ({ name, mimeType: mime_type ?? '' }));
      const urls = orchestrator.urls();
      const created = createChannels(session, wanted, orchestrator.channels).map((channel) => ({
        name: channel.name,
        channel_name: channel.channelName,
        url: `${urls.service}${TRICKLE_PATH}/${channel.channelName}`,
        internal_url: `${urls.runner}${TRICKLE_PATH}/${channel.channelName}`,
        mime_type: channel.mimeType,
      }));
      return reply.type('application/json').send(stringifyJson({ channels: created }));
    },
  },
  {
    method: 'DELETE',
    url: `${SESSION}/channels`,
    handler: (request, reply) => {
      const { session } = authorized(orchestrator, request);
      const { channels } = decodeWith(deleteChannelsRequest, readBody(deleteChannelsRequest, request));
      const deleted = deleteChannels(session, channels, orchestrator.channels);
      return reply.type('application/json').send(stringifyJson({ deleted }));
    },
  },
  {
    method: 'POST',
    url: `${SESSION}/stop`,
    handler: (request, reply) => {
      const { runner, session } = authorized(orchestrator, request);
      orchestrator.registry.release(runner, session, 'stopped-by-runner');
      return reply.code(204).send();
    },
  },
];

/** The body with its keys as Go would read them: in any case, `null` as absent. @throws WireError */
const readBody = (schema: Parameters<typeof foldKeys>[0], request: FastifyRequest): unknown =>
  foldKeys(schema, parseJson(bodyBytes(request)));

/** The session that the request names, if it carries that session's token. @throws Refusal 404, 401. */
function authorized(
  orchestrator: Orchestrator,
  request: FastifyRequest,
): { runner: Runner; session: RunnerSession } {
  const runner = orchestrator.registry.ready(param(request, 'route'));
  const session = runner.sessions.get(param(request, 'session'));
  if (session === undefined) throw sessionNotFound();
  if (!sameSecret(header(request, 'livepeer-session-token'), session.token))
    throw new Refusal(401, 'invalid authorization', { code: 'invalid-authorization' });
  return { runner, session };
}
