import type { MessageInitShape } from '@bufbuild/protobuf';
import type * as net from './gen/net/live_payment_pb.ts';
import type { AuthToken } from './types.ts';

/** Domain value of `net.AuthToken`; the token is kept as sent, because it is echoed and compared byte by byte. */
export function readAuthToken(message: net.AuthToken): AuthToken {
  return { token: message.token, sessionId: message.sessionId, expiration: message.expiration };
}

/** Message of a domain value. */
export function writeAuthToken(token: AuthToken): MessageInitShape<typeof net.AuthTokenSchema> {
  return { token: token.token, sessionId: token.sessionId, expiration: token.expiration };
}
