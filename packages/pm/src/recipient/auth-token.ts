import type { AuthToken } from '@lp/protocol';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes, minimalBytes } from './big-endian.ts';

/** Seconds that a new auth token lives (payments.md section 3.3). */
export const AUTH_TOKEN_SECONDS = 1800n;

/** Why an auth token is refused. `reason` is the reference node's text (payments.md section 3.2). */
export type AuthTokenVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: 'missing auth token' | 'invalid auth token' | 'expired auth token';
    };

/** Issues and checks session tokens under one 32-byte secret. */
export interface AuthTokenIssuer {
  /** A token for `sessionId` that expires at `expiration` (unix seconds). */
  issue(sessionId: string, expiration: bigint): AuthToken;
  /** Checks presence, authenticity in constant time, then age: refused when `now` (unix seconds) is past expiration. */
  verify(token: AuthToken | undefined, now: bigint): AuthTokenVerdict;
}

/** The token issuer for one secret: `HMAC-SHA256(secret, utf8(session id) || BE(expiration))`. */
export function authTokenIssuer(secret: Uint8Array): AuthTokenIssuer {
  const keyed = hmac.create(sha256, secret);
  const utf8 = new TextEncoder();
  const code = (sessionId: string, expiration: bigint): Uint8Array =>
    keyed
      .clone()
      .update(concatBytes([utf8.encode(sessionId), minimalBytes(expiration)]))
      .digest();
  return {
    issue: (sessionId, expiration) => ({ token: code(sessionId, expiration), sessionId, expiration }),
    verify(token, now) {
      if (token === undefined) return { ok: false, reason: 'missing auth token' };
      if (!equalBytes(token.token, code(token.sessionId, token.expiration))) {
        return { ok: false, reason: 'invalid auth token' };
      }
      return now > token.expiration ? { ok: false, reason: 'expired auth token' } : { ok: true };
    },
  };
}
