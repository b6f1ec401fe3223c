import type { Clock } from '@lp/runtime';
import {
  createServer,
  guardBrowsers,
  healthRoutes,
  type Metrics,
  metricsRoutes,
  observeRequests,
} from '@lp/service';
import type { TrickleServer } from '@lp/trickle/server';
import { trickleRoutes } from '@lp/trickle/server';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type Orchestrator, TRICKLE_PATH } from './orchestrator.ts';
import { httpProxy } from './proxy/http-proxy.ts';
import { acceptUpgrades } from './proxy/upgrade-proxy.ts';
import { adminRoutes } from './routes/admin.ts';
import { callbackRoutes } from './routes/callbacks.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { toReply } from './routes/errors.ts';
import { registrationRoutes } from './routes/registration.ts';
import { addRoutes, type Route } from './routes/route.ts';
import { sessionRoutes } from './routes/sessions.ts';

/** Upstream has no limit on these bodies; the largest legal one is a list of 25 channels. */
const BODY_LIMIT_BYTES = 256 * 1024;

const JSON_WITH_CHARSET = 'application/json; charset=utf-8';

/** The listener for clients and runners (live-runner.md section 2). */
export async function publicServer(input: {
  orchestrator: Orchestrator;
  trickle: TrickleServer;
  log: Logger;
  metrics: Metrics;
  tls?: { cert: string; key: string };
}): Promise<FastifyInstance> {
  const { orchestrator } = input;
  const app = createServer({
    log: input.log,
    toReply,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    // A trickle reader waits as long as its publisher is silent, and a segment may take minutes.
    connectionTimeoutMs: 0,
    requestTimeoutMs: 0,
    ...(input.tls === undefined ? {} : { tls: input.tls }),
  });
  observeRequests(app, input.metrics);
  plainJsonType(app);
  await app.register(async (scope) => {
    rawBodies(scope);
    addRoutes(scope, [
      ...registrationRoutes(orchestrator),
      ...callbackRoutes(orchestrator),
      ...discoveryRoutes(orchestrator),
      ...sessionRoutes(orchestrator),
    ]);
  });
  await app.register(httpProxy, { orchestrator });
  await app.register(trickleRoutes(input.trickle), { prefix: TRICKLE_PATH });
  acceptUpgrades(app.server, orchestrator);
  return app;
}

/** The listener for the operator: health, metrics, static runners, accounts, tickets. Keep it private. */
export async function adminServer(input: {
  orchestrator: Orchestrator;
  log: Logger;
  metrics: Metrics;
  clock: Clock;
}): Promise<FastifyInstance> {
  const { orchestrator } = input;
  const app = createServer({ log: input.log, toReply });
  // It asks nobody for a key: a page in the operator's browser must neither add runners nor read the ledger.
  guardBrowsers(app, { hosts: [] });
  healthRoutes(app, {
    clock: input.clock,
    checks: {
      money: () => {
        const health = orchestrator.desk.health();
        return health.ok ? { ok: true } : { ok: false, reason: health.problems.join('; ') };
      },
    },
  });
  metricsRoutes(app, input.metrics);
  await app.register(async (scope) => {
    rawBodies(scope);
    addRoutes(scope, adminRoutes(orchestrator) satisfies readonly Route[]);
  });
  return app;
}

/** Upstream's type of JSON has no charset (live-runner.md section 1); the framework adds one to texts. */
function plainJsonType(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    const added = typeof payload === 'string' && reply.getHeader('content-type') === JSON_WITH_CHARSET;
    if (added) reply.header('content-type', 'application/json');
    return payload;
  });
}

/** Bodies reach the handlers as bytes, whatever their content type: upstream does not look at it. */
function rawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
