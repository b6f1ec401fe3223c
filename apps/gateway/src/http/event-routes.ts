import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { GatewaySession } from '../session/gateway-session.ts';
import type { ApiContext } from './api-context.ts';
import type { ConnectionCount } from './connection-count.ts';
import { EventStream } from './event-stream.ts';
import { ownerOf, sessionParams } from './session-routes.ts';
import { statusView } from './session-view.ts';

const STATUS_EVERY_MS = 1000;
const HEARTBEAT_EVERY_MS = 15_000;

const headers = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .meta({ description: 'Resume after this event.' }),
});

/** `GET /sessions/{id}/events`: the log of a session as server-sent events, with a `status` message every second. */
export function eventRoutes(server: FastifyInstance, context: ApiContext, count: ConnectionCount): void {
  const streams = new Set<EventStream>();
  server.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  server.withTypeProvider<ZodTypeProvider>().get(
    '/sessions/:id/events',
    {
      schema: {
        tags: ['sessions'],
        summary: 'Events of a session (text/event-stream)',
        description:
          'Events carry ids and can be resumed; `status` messages carry none. `missed` says how many events are ' +
          'forgotten. A session that is over and has nothing new answers 204, which ends an EventSource.',
        params: sessionParams,
        headers,
      },
    },
    async (request, reply) => {
      const session = context.table.get(request.params.id, ownerOf(request));
      const after = Number(request.headers['last-event-id'] ?? 0);
      const past = session.log.since(after);
      if (session.state === 'closed' && past.events.length === 0) return reply.code(204).send();
      const release = count.take();
      const detach = session.attach();
      const stream = new EventStream(context.limits.maxBufferedBytes);
      streams.add(stream);
      const gone = new AbortController();
      stream.readable.once('close', () => {
        gone.abort();
        streams.delete(stream);
        detach();
        release();
      });
      if (past.missed > 0) stream.message('missed', { count: past.missed });
      for (const event of past.events) stream.event(event);
      void follow(session, stream, context, gone.signal);
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' }).type('text/event-stream');
      return reply.send(stream.readable);
    },
  );
}

/** Sends what happens from now on; ends with the session or the client. */
async function follow(
  session: GatewaySession,
  stream: EventStream,
  { clock, weiPerUsd }: ApiContext,
  gone: AbortSignal,
): Promise<void> {
  if (session.state === 'closed') return stream.end();
  const stop = session.log.listen((event) => {
    stream.event(event);
    if (event.type === 'closed') stream.end();
  });
  let sinceHeartbeat = 0;
  while (!gone.aborted) {
    stream.message('status', statusView(session, weiPerUsd()));
    sinceHeartbeat += STATUS_EVERY_MS;
    if (sinceHeartbeat >= HEARTBEAT_EVERY_MS) {
      stream.heartbeat();
      sinceHeartbeat = 0;
    }
    await clock.sleep(STATUS_EVERY_MS, gone).catch(() => {});
  }
  stop();
}
