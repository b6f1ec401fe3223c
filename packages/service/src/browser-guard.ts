import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.ts';
import { isLoopback } from './loopback.ts';

/** Which pages and names may reach a server that acts for whoever can connect to it. */
export interface BrowserGuard {
  /** Host names (without port) under which the server is reached, besides loopback names. */
  readonly hosts: readonly string[];
  /** Origins of pages that may call, besides pages this server served itself. */
  readonly origins?: readonly string[];
}

/**
 * Why a request must not be served, or undefined.
 * An unknown `Host` is how DNS rebinding arrives; a foreign `Origin` (or `Sec-Fetch-Site: cross-site`) is a page
 * of somebody else calling with the user's network. Programs send neither `Origin` nor `Sec-Fetch-Site`.
 */
export function browserRefusal(
  headers: {
    readonly host?: string | undefined;
    readonly origin?: string | undefined;
    readonly site?: string | undefined;
  },
  guard: BrowserGuard,
): 'foreign-host' | 'foreign-origin' | undefined {
  const host = URL.parse(`http://${headers.host ?? ''}`);
  if (host === null || headers.host === undefined) return 'foreign-host';
  if (!isLoopback(host.hostname) && !guard.hosts.includes(host.hostname)) return 'foreign-host';
  const { origin } = headers;
  if (origin === undefined)
    return headers.site === 'cross-site' || headers.site === 'same-site' ? 'foreign-origin' : undefined;
  if (guard.origins?.includes(origin)) return undefined;
  const from = URL.parse(origin);
  return from !== null && from.host === host.host ? undefined : 'foreign-origin';
}

/** Answers 403 to what `browserRefusal` names, before any handler and before a WebSocket is accepted. */
export function guardBrowsers(server: FastifyInstance, guard: BrowserGuard): void {
  server.addHook('onRequest', async (request) => {
    const { host, origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    // A link to the page from elsewhere is harmless: top-level navigations only read.
    const navigation = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
    const refusal = browserRefusal(
      { host, origin, site: navigation ? undefined : String(site ?? '') },
      guard,
    );
    if (refusal === undefined) return;
    const name = refusal === 'foreign-host' ? 'Host' : 'Origin';
    throw new HttpError(403, refusal, `requests with this ${name} header are not served`, {
      hint: `add it to the allowed ${refusal === 'foreign-host' ? 'hosts' : 'origins'} if it is yours`,
    });
  });
}
