import type { FastifyInstance } from 'fastify';
import { Agent, request as send } from 'undici';
import { Refusal, runnerNotFound } from '../errors.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { clientGone } from '../routes/route.ts';
import { forwardedHeaders, isHopHeader, proxyTarget, unreachable } from './target.ts';

/**
 * Passes HTTP requests for a session's application to its runner and streams both bodies (live-runner.md section
 * 10.1). A released session cuts what is in flight.
 */
export async function httpProxy(
  app: FastifyInstance,
  { orchestrator }: { orchestrator: Orchestrator },
): Promise<void> {
  // A cold start may take minutes: only the connection has a deadline, and the session's life is the limit.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 }, pipelining: 1 });
  app.addHook('onClose', () => agent.destroy());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { bodyLimit: Number.MAX_SAFE_INTEGER }, (_request, payload, done) =>
    done(null, payload),
  );

  for (const url of ['/apps/:route/session/:session/app', '/apps/:route/session/:session/app/*']) {
    app.all(url, async (request, reply) => {
      const target = proxyTarget(orchestrator, request.raw.url ?? '');
      if (target === undefined) throw runnerNotFound();
      const hasBody =
        request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
      const released = target.session.released;
      try {
        const answer = await send(target.url, {
          dispatcher: agent,
          method: request.method as 'GET', // undici takes any token; its type lists the common ones
          headers: forwardedHeaders(request.headers, target, orchestrator.urls().runner),
          body: hasBody && request.method !== 'GET' && request.method !== 'HEAD' ? request.raw : null,
          signal: AbortSignal.any([released, clientGone(reply)]),
        });
        const cut = (): void => {
          reply.raw.destroy();
        };
        released.addEventListener('abort', cut, { once: true });
        reply.raw.once('close', () => released.removeEventListener('abort', cut));
        reply.code(answer.statusCode);
        for (const [name, value] of Object.entries(answer.headers))
          if (value !== undefined && !isHopHeader(name)) reply.header(name, value);
        return reply.send(answer.body);
      } catch (error) {
        throw new Refusal(502, released.aborted ? 'the session ended' : unreachable(error), {
          code: 'runner-unreachable',
          cause: error,
        });
      }
    });
  }
}
