import cors from '@fastify/cors';
import { HEADERS } from '@lp/protocol';
import { createServer, guardBrowsers, type Metrics, observeRequests } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import type { Gate } from '../access/gate.ts';
import { type Access, requireCaller } from '../access/require-caller.ts';
import type { Catalogue } from '../discovery/catalogue.ts';
import type { ListingRules } from '../discovery/discovery-answer.ts';
import type { Login } from '../keys/login.ts';
import type { SignerMetrics } from '../metrics.ts';
import type { PaymentDesk } from '../payment/payment-desk.ts';
import { discoveryRoute } from './discovery-route.ts';
import { signerErrorReply } from './error-reply.ts';
import { loginRoute } from './login-route.ts';
import { openApiRoute } from './openapi.ts';
import { paymentRoute } from './payment-route.ts';

/** What the API serves with. */
export interface ApiServerOptions {
  readonly login: Login;
  readonly desk: PaymentDesk;
  readonly catalogue: Catalogue;
  /** What is listed, as it is now. */
  readonly listing: () => ListingRules;
  /** As it is now. Without an authenticator and without webhook every caller is served: for loopback only. */
  readonly access: () => Access;
  readonly gate: Gate;
  readonly corsOrigins: readonly string[];
  readonly metrics: Metrics & { readonly signer: SignerMetrics };
  readonly log: Parameters<typeof createServer>[0]['log'];
}

const BODY_LIMIT_BYTES = 256 * 1024;

/** The remote signer API of go-livepeer, at the root of its origin (remote-signer.md section 1). */
export async function createApiServer(options: ApiServerOptions): Promise<FastifyInstance> {
  const { login, desk, catalogue, listing, access, gate, corsOrigins, metrics, log } = options;
  const server = createServer({ log, toReply: signerErrorReply, bodyLimitBytes: BODY_LIMIT_BYTES });
  observeRequests(server, metrics);
  if (corsOrigins.length > 0) {
    await server.register(cors, {
      origin: [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'x-api-key'],
      exposedHeaders: [HEADERS.orchestratorUrl],
      maxAge: 600,
    });
  }
  const { authenticator, webhook } = access();
  if (authenticator === undefined && !webhook) guardBrowsers(server, { hosts: [], origins: corsOrigins });
  requireCaller(server, access, (request) => request.url === '/healthz' || request.method === 'OPTIONS');
  takeEveryBodyAsBytes(server);
  server.get('/healthz', async (_request, reply) => reply.code(200).send());
  loginRoute(server, login, gate);
  paymentRoute(server, { desk, gate, metrics: metrics.signer });
  discoveryRoute(server, { catalogue, rules: listing, gate });
  openApiRoute(server, gate);
  return server;
}

/** Upstream does not look at the content type, however malformed: nor does this. */
function takeEveryBodyAsBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request) => {
    if (request.headers['content-type'] !== undefined)
      request.headers['content-type'] = 'application/octet-stream';
  });
}
