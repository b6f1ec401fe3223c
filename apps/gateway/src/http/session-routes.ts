import { callerOf } from '@lp/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from './api-context.ts';
import { problemSchema } from './problem-schema.ts';
import { receiptSchema, receiptView, sessionSchema, sessionView } from './session-view.ts';

/** Who owns what this request opens or sees: the identity of its key, null without keys. */
export function ownerOf(request: FastifyRequest): string | null {
  return callerOf(request)?.identity ?? null;
}

/** Path parameters of one session. */
export const sessionParams = z.object({ id: z.string().min(1).max(64) });

const newSession = z.strictObject({
  app: z
    .string()
    .min(1)
    .max(256)
    .meta({ description: 'The app to run, such as lp/edges.', example: 'lp/edges' }),
  params: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: 'Given to the app as the body of POST /stream.', example: { effect: 'edges' } }),
  maxSpendWei: z
    .string()
    .regex(/^[1-9]\d{0,77}$/)
    .optional()
    .meta({ description: 'The most this session may pay, in whole wei.' }),
});

/** `POST`, `GET` and `DELETE` of sessions. */
export function sessionRoutes(server: FastifyInstance, { table, weiPerUsd }: ApiContext): void {
  const api = server.withTypeProvider<ZodTypeProvider>();
  const tags = ['sessions'];

  api.post(
    '/sessions',
    {
      schema: {
        tags,
        summary: 'Open a paid session and start its stream',
        description: 'Answers once the runner is reserved and paid and the app has given its channels.',
        body: newSession,
        response: { 201: sessionSchema, '4xx': problemSchema, '5xx': problemSchema },
      },
    },
    async (request, reply) => {
      const { app, params, maxSpendWei } = request.body;
      const session = await table.open(
        {
          owner: ownerOf(request),
          app,
          params,
          maxSpendWei: maxSpendWei === undefined ? undefined : BigInt(maxSpendWei),
        },
        goneSignal(reply),
      );
      reply.code(201).header('location', `/sessions/${session.parts.id}`);
      return sessionView(session, weiPerUsd());
    },
  );

  api.get(
    '/sessions',
    {
      schema: {
        tags,
        summary: 'Sessions, newest first',
        response: { 200: z.object({ sessions: z.array(sessionSchema) }) },
      },
    },
    async (request) => ({
      sessions: table.list(ownerOf(request)).map((session) => sessionView(session, weiPerUsd())),
    }),
  );

  api.get(
    '/sessions/:id',
    {
      schema: {
        tags,
        summary: 'One session',
        params: sessionParams,
        response: { 200: sessionSchema, 410: problemSchema },
      },
    },
    async (request) => sessionView(table.get(request.params.id, ownerOf(request)), weiPerUsd()),
  );

  api.delete(
    '/sessions/:id',
    {
      schema: {
        tags,
        summary: 'Close a session and get its receipt',
        description: 'Idempotent: a closed session gives the same receipt again.',
        params: sessionParams,
        response: { 200: receiptSchema, 410: problemSchema },
      },
    },
    async (request) => {
      const session = table.get(request.params.id, ownerOf(request));
      return receiptView(session, await session.close('closed-by-caller'), weiPerUsd());
    },
  );
}

/** Aborts when the caller hangs up before the answer: what was being opened for it is undone. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the caller is gone'));
  });
  return gone.signal;
}
