import type { NetAuthToken } from './net-messages.ts';
import type { AuthToken } from './types.ts';

/** Domain value of `net.AuthToken`; the token is kept as sent, because it is echoed and compared byte by byte. */
export function readAuthToken(message: NetAuthToken): AuthToken {
  return { token: message.token, sessionId: message.sessionId, expiration: message.expiration };
}

/** Message of a domain value. */
export function writeAuthToken(token: AuthToken): NetAuthToken {
  return { token: token.token, sessionId: token.sessionId, expiration: token.expiration };
}
