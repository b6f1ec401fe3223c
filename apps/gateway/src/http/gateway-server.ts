import {
  type Check,
  createServer,
  healthRoutes,
  type Logger,
  type Metrics,
  metricsRoutes,
  observeRequests,
} from '@lp/service';
import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ApiContext } from './api-context.ts';
import { ConnectionCount } from './connection-count.ts';
import { docsRoutes } from './docs-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { acceptSockets, frameRoutes } from './frame-routes.ts';
import { pageRoutes } from './page-routes.ts';
import { runnerRoutes } from './runner-routes.ts';
import { type AccessRule, secure } from './security.ts';
import { sessionRoutes } from './session-routes.ts';
import { toReply } from './to-reply.ts';

/** What the server is made of. */
export interface GatewayServerParts {
  readonly log: Logger;
  readonly context: ApiContext;
  readonly access: AccessRule;
  readonly checks: Readonly<Record<string, Check>>;
  readonly metrics: Metrics;
  readonly version: string;
  /** Folder of the built page, for tests. */
  readonly pageRoot?: string;
}

const BODY_LIMIT_BYTES = 64 * 1024;

/** The gateway's HTTP server, not yet listening. */
export async function gatewayServer(parts: GatewayServerParts): Promise<FastifyInstance> {
  const { context, metrics } = parts;
  const server = createServer({ log: parts.log, toReply, bodyLimitBytes: BODY_LIMIT_BYTES });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  observeRequests(server, metrics);
  await acceptSockets(server, context.limits.maxFrameBytes);
  await secure(server, parts.access);
  await docsRoutes(server, parts.version);
  const count = new ConnectionCount(context.limits.maxSockets);
  healthRoutes(server, { checks: parts.checks, clock: context.clock });
  metricsRoutes(server, metrics);
  runnerRoutes(server, context);
  sessionRoutes(server, context);
  eventRoutes(server, context, count);
  frameRoutes(server, context, count);
  await pageRoutes(server, context.settings, parts.pageRoot);
  return server;
}
