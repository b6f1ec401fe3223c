import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ApiKeys, bearerToken, type Caller } from './api-keys.ts';
import { HttpError } from './http-error.ts';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who sent this request; undefined where no key was asked for. */
export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Notes who sent a request, for routes that authenticate in another way. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/**
 * Asks every request for `Authorization: Bearer <key>`, except where `open` says otherwise, and answers 401
 * `unauthorized` without saying why. `token` finds the key where a client cannot send that header.
 */
export function requireApiKey(
  server: FastifyInstance,
  keys: ApiKeys,
  open: (request: FastifyRequest) => boolean = () => false,
  token: (request: FastifyRequest) => string | undefined = () => undefined,
): void {
  server.addHook('onRequest', async (request) => {
    if (open(request)) return;
    const { authorization } = request.headers;
    const presented = authorization === undefined ? token(request) : bearerToken(authorization);
    const caller = presented === undefined ? undefined : keys.identify(presented);
    if (caller === undefined) {
      throw new HttpError(401, 'unauthorized', 'a valid API key is needed', {
        hint: 'send Authorization: Bearer <key>',
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    setCaller(request, caller);
  });
}
