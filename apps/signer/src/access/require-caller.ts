import { HttpError } from '@lp/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from './authenticator.ts';
import { type KnownCaller, setCaller } from './caller.ts';

/** How callers of a server are told apart. */
export interface Access {
  /** API keys and tokens; `undefined` where none are configured. */
  readonly authenticator: Authenticator | undefined;
  /** Whether the webhook decides about those that the authenticator let through, or about all without one. */
  readonly webhook: boolean;
  /** Identities whose `Signer-Auth-Id` is believed. */
  readonly trustedProxies: ReadonlySet<string>;
}

/** Set by proxies that authenticated their caller themselves (remote-signer.md section 2, step 23). */
export const AUTH_ID_HEADER = 'signer-auth-id';
const MAX_AUTH_ID = 256;

/**
 * Recognises the caller of every request before anything else is looked at, `open` ones excepted, and answers 401
 * `unauthorized` without saying why. `Signer-Auth-Id` is taken off every request that no trusted proxy sent, so that
 * nobody behind it can believe it (remote-signer.md H1, H8, H16).
 */
export function requireCaller(
  server: FastifyInstance,
  access: () => Access,
  open: (request: FastifyRequest) => boolean,
): void {
  server.addHook('onRequest', async (request) => {
    const { authenticator, webhook, trustedProxies } = access();
    const stated = request.headers[AUTH_ID_HEADER] === undefined ? undefined : statedBy(request);
    delete request.headers[AUTH_ID_HEADER];
    if (open(request)) return;
    if (authenticator === undefined) {
      setCaller(request, webhook ? { identity: '', by: 'undecided' } : { identity: 'local', by: 'local' });
      return;
    }
    const caller = await authenticator.identify(request.headers);
    if (caller === undefined) throw unauthorized();
    setCaller(request, trustedProxies.has(caller.identity) ? onBehalfOf(caller, stated) : caller);
    if (trustedProxies.has(caller.identity) && stated !== undefined) request.headers[AUTH_ID_HEADER] = stated;
  });
}

/** More than one is what a caller sent and what its proxy added to that: nobody can tell which is which. */
function statedBy(request: FastifyRequest): string | string[] | undefined {
  const all = request.raw.headersDistinct[AUTH_ID_HEADER] ?? [];
  return all.length > 1 ? all : all[0];
}

function onBehalfOf(proxy: KnownCaller, stated: string | string[] | undefined): KnownCaller {
  if (stated === undefined || stated === '') return proxy;
  if (typeof stated !== 'string' || stated.length > MAX_AUTH_ID || !/^[\x20-\x7e]+$/.test(stated)) {
    throw new HttpError(
      400,
      'invalid-auth-id',
      `Signer-Auth-Id is not one text of 1 to ${MAX_AUTH_ID} characters`,
    );
  }
  return { ...proxy, identity: stated };
}

function unauthorized(): HttpError {
  return new HttpError(401, 'unauthorized', 'a valid API key or token is needed', {
    hint: 'send Authorization: Bearer <key or token>',
    headers: { 'www-authenticate': 'Bearer' },
  });
}
