import helmet from '@fastify/helmet';
import { type ApiKeys, guardBrowsers, requireApiKey } from '@lp/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { keyFromProtocols } from './frame-routes.ts';

/** Who may call the gateway. */
export interface AccessRule {
  /** Undefined: everybody who can connect, which must be this machine only. */
  readonly keys: ApiKeys | undefined;
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}

/** What everybody may read: the page, its files, the description of the API, and whether the gateway lives. */
const OPEN = /^\/(?:$|\?|assets\/|docs(?:\/|$)|openapi\.json$|healthz$|readyz$|favicon\.svg$)/;

function isOpen(request: FastifyRequest): boolean {
  return request.method === 'GET' && OPEN.test(request.url);
}

/**
 * Puts the guards before every route: headers that keep scripts of others off the page, then host and origin (a
 * session costs money, so no foreign page may open one), then the key.
 */
export async function secure(server: FastifyInstance, rule: AccessRule): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Transport security belongs to whatever terminates TLS in front.
    strictTransportSecurity: false,
  });
  guardBrowsers(server, { hosts: rule.hosts, origins: rule.origins });
  if (rule.keys !== undefined) requireApiKey(server, rule.keys, isOpen, keyFromProtocols);
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(self), microphone=(), geolocation=()');
  });
}
