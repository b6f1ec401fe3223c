import type { IncomingHttpHeaders } from 'node:http';
import { type ApiKeys, bearerToken } from '@lp/service';
import type { Authenticator } from './authenticator.ts';

/**
 * Callers by API key, in `X-Api-Key` or as a bearer token. The first leaves `Authorization` free for what the webhook
 * wants to see.
 */
export function apiKeyAuthenticator(keys: ApiKeys): Authenticator {
  return {
    async identify(headers) {
      for (const [spent, key] of presented(headers)) {
        const caller = key === undefined ? undefined : keys.identify(key);
        if (caller !== undefined) return { identity: caller.identity, by: 'key', spent };
      }
      return undefined;
    },
  };
}

function presented(headers: IncomingHttpHeaders) {
  const own = headers['x-api-key'];
  return [
    ['x-api-key', typeof own === 'string' && own.length <= 512 ? own : undefined],
    ['authorization', bearerToken(headers.authorization)],
  ] as const;
}
