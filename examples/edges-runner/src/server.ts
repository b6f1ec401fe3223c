import { upstreamErrorBody } from '@lp/protocol';
import { type Registration, SessionError } from '@lp/runner';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { EFFECTS, type Effect } from './effects.ts';
import type { SessionStreams } from './session-streams.ts';

/** What the server works with. */
export interface ServerParts {
  /** Undefined until the orchestrator knows this runner. */
  readonly registration: () => Registration | undefined;
  readonly streams: SessionStreams;
  readonly logger: FastifyServerOptions['logger'];
}

const streamBody = {
  type: 'object',
  properties: { effect: { type: 'string', enum: EFFECTS, default: 'edges' } },
  additionalProperties: false,
};

/** The runner's HTTP side: `POST /stream` through the orchestrator, `GET /healthz` and `/readyz` for operators. */
export function createServer({ registration, streams, logger }: ServerParts): FastifyInstance {
  const app = fastify({ logger: logger ?? false, bodyLimit: 16 * 1024 });

  app.post<{ Body: { effect: Effect } }>('/stream', { schema: { body: streamBody } }, async (request) => {
    const registered = registration();
    if (registered === undefined) throw new SessionError('unreachable', 'this runner is not registered yet');
    const session = await registered.session(request.headers);
    const { input, output, events } = await streams.open(session, request.body.effect);
    return { in: input.url, out: output.url, events: events.url };
  });
  app.get('/healthz', async () => ({
    status: 'ok',
    sessions: registration()?.sessionIds.length ?? 0,
    streams: streams.size,
  }));
  app.get('/readyz', async (_request, reply) => {
    const ready = registration() !== undefined;
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'registering' });
  });

  app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorBody('no such route', 'not-found')));
  app.setErrorHandler((error, request, reply) => {
    reply.type('application/json');
    if (error instanceof SessionError) {
      return reply.code(statusOf(error)).send(errorBody(error.message, error.code));
    }
    // Errors of fastify itself: a body that does not fit the schema, is too large, or is not JSON.
    const { statusCode = 500, message, code = 'invalid-request' } = error as Partial<FastifyFailure>;
    if (statusCode < 500) return reply.code(statusCode).send(errorBody(message ?? 'invalid request', code));
    request.log.error(error);
    return reply.code(500).send(errorBody('internal error', 'internal'));
  });
  return app;
}

interface FastifyFailure {
  readonly statusCode: number;
  readonly message: string;
  readonly code: string;
}

function statusOf({ code }: SessionError): number {
  if (code === 'no-session' || code === 'foreign-session') return 403;
  return code === 'session-ended' ? 404 : 502;
}

function errorBody(message: string, code: string): string {
  return upstreamErrorBody(message, code);
}
