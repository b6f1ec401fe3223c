import type { Clock } from '@lp/runtime';
import { HttpError } from '@lp/service';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Authenticator } from './authenticator.ts';

/** Signature algorithms with a public key; a shared secret or none is never accepted. */
export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** Which tokens hold. */
export interface JwtOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Clocks of issuer and signer may differ by so much. */
  readonly clockToleranceSeconds: number;
  /** Claim that names the caller. */
  readonly identityClaim: string;
  readonly keys: JWTVerifyGetKey;
  readonly clock: Clock;
}

const MAX_TOKEN = 8192;
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

/** Callers by signed token (RFC 7519) in `Authorization: Bearer`: issuer, audience and expiry are required. */
export function jwtAuthenticator(options: JwtOptions): Authenticator {
  return {
    async identify({ authorization }) {
      const token = authorization === undefined || authorization.length > MAX_TOKEN ? '' : authorization;
      const [, jwt] = BEARER.exec(token) ?? [];
      if (jwt === undefined) return undefined;
      const claim = await verifiedClaim(jwt, options);
      return claim === undefined ? undefined : { identity: `jwt:${claim}`, by: 'jwt' };
    },
  };
}

/** The claim that names the caller; `undefined` for a token that does not hold, whatever the reason. */
async function verifiedClaim(jwt: string, options: JwtOptions): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(jwt, options.keys, {
      issuer: options.issuer,
      audience: options.audience,
      algorithms: [...options.algorithms],
      clockTolerance: options.clockToleranceSeconds,
      currentDate: new Date(options.clock.wallMs()),
      requiredClaims: ['exp', options.identityClaim],
    });
    const claim = payload[options.identityClaim];
    return typeof claim === 'string' && /^[\x21-\x7e]{1,256}$/.test(claim) ? claim : undefined;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}
