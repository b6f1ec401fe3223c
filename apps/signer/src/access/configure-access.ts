import type { Clock, Transport } from '@lp/runtime';
import { ConfigError, parseApiKeys } from '@lp/service';
import { apiKeyAuthenticator } from './api-key-authenticator.ts';
import { type Authenticator, anyOf } from './authenticator.ts';
import { JWT_ALGORITHMS, jwtAuthenticator } from './jwt-authenticator.ts';
import { remoteKeySet } from './remote-key-set.ts';
import type { Access } from './require-caller.ts';

/** The options that say who may call. */
export interface AccessConfig {
  readonly apiKeys: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly jwtIssuer: string | undefined;
  readonly jwtAudience: string | undefined;
  readonly jwtKeysUrl: string | undefined;
  readonly jwtAlgorithms: readonly string[];
  readonly jwtClockToleranceSeconds: number;
  readonly jwtIdentityClaim: string;
  readonly webhookUrl: string | undefined;
}

/**
 * Who may call, from the options.
 *
 * @throws ApiKeyFileError; ConfigError when options that belong together are not.
 */
export function configureAccess(
  config: AccessConfig,
  ports: { readonly transport: Transport; readonly clock: Clock },
): Access {
  const ways: Authenticator[] = [];
  if (config.apiKeys !== undefined) ways.push(apiKeyAuthenticator(parseApiKeys(config.apiKeys)));
  const jwt = configureJwt(config, ports);
  if (jwt !== undefined) ways.push(jwt);
  if (config.trustedProxies.length > 0 && ways.length === 0) {
    throw new ConfigError('lp-signer', [
      '--trusted-proxies names callers: set LP_SIGNER_API_KEYS_FILE or LP_SIGNER_JWT_ISSUER, so that they can be told',
    ]);
  }
  return {
    authenticator: ways.length === 0 ? undefined : anyOf(ways),
    webhook: config.webhookUrl !== undefined,
    trustedProxies: new Set(config.trustedProxies),
  };
}

/** Whether anything tells callers apart. */
export function isConfigured(access: Access): boolean {
  return access.authenticator !== undefined || access.webhook;
}

function configureJwt(
  config: AccessConfig,
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
): Authenticator | undefined {
  const { jwtIssuer: issuer, jwtAudience: audience } = config;
  if (issuer === undefined) {
    if (audience === undefined && config.jwtKeysUrl === undefined) return undefined;
    throw new ConfigError('lp-signer', [
      '--jwt-issuer (LP_SIGNER_JWT_ISSUER) is missing: who signs the tokens',
    ]);
  }
  if (audience === undefined) {
    throw new ConfigError('lp-signer', [
      '--jwt-audience (LP_SIGNER_JWT_AUDIENCE) is missing: tokens meant for other services must not open this one',
    ]);
  }
  const known: readonly string[] = JWT_ALGORITHMS;
  const unknown = config.jwtAlgorithms.filter((name) => !known.includes(name));
  if (unknown.length > 0 || config.jwtAlgorithms.length === 0) {
    throw new ConfigError('lp-signer', [
      `--jwt-algorithms (LP_SIGNER_JWT_ALGORITHMS): allowed are ${known.join(', ')}`,
    ]);
  }
  const url = config.jwtKeysUrl ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`;
  return jwtAuthenticator({
    issuer,
    audience,
    algorithms: config.jwtAlgorithms,
    clockToleranceSeconds: config.jwtClockToleranceSeconds,
    identityClaim: config.jwtIdentityClaim,
    keys: remoteKeySet({ url, transport, clock }),
    clock,
  });
}
