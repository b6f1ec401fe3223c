import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import type { TransportErrorCode } from '../transport.ts';
import { isPublicAddress } from './addresses.ts';
import { CertificateChangedError } from './certificate-changed.ts';

/** A connection was not made; nothing was sent on it. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  readonly code: Extract<TransportErrorCode, 'connect' | 'tls' | 'forbidden-address'>;

  constructor(code: ConnectFailure['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

const FORBIDDEN = 'ERR_LP_FORBIDDEN_ADDRESS';

const forbidden = (host: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${host} is not a public address`), { code: FORBIDDEN });

/** `lookup` that fails unless every address of the name is public. */
const publicOnly =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options: LookupOptions, callback) => {
    lookup(hostname, options, (error, address: string | LookupAddress[], family) => {
      const found = Array.isArray(address) ? address.map((each) => each.address) : [address];
      if (error === null && !found.every(isPublicAddress)) callback(forbidden(hostname), '', 0);
      else callback(error, address as string, family);
    });
  };

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined;

const isTlsCode = (code: string | undefined): boolean =>
  code !== undefined &&
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_)/.test(
    code,
  );

const classify = (host: string, error: Error): ConnectFailure => {
  const code = codeOf(error);
  if (code === FORBIDDEN) return new ConnectFailure('forbidden-address', error.message);
  if (isTlsCode(code)) {
    return new ConnectFailure('tls', `TLS with ${host} failed: ${code}`, error);
  }
  return new ConnectFailure('connect', `no connection to ${host}: ${code ?? error.message}`, error);
};

/** What decides whether a connection may be used. */
export interface ConnectorOptions {
  readonly tls: 'verify' | 'pin';
  readonly privateAddresses: 'allow' | 'refuse';
  /** Name resolution; tests replace it. */
  readonly lookup?: LookupFunction;
  /** Fingerprints by host and port; connectors that share it share what they pinned. */
  readonly pins: Map<string, string>;
  /** HTTP/2: offered first over TLS, taken for granted without it. */
  readonly http2: boolean;
}

/** Returns why a pinned connection must not be used, and pins on first use. */
const checkPin = (pins: Map<string, string>, host: string, socket: Socket): ConnectFailure | undefined => {
  if (!(socket instanceof TLSSocket)) return undefined;
  const presented = socket.getPeerX509Certificate()?.fingerprint256;
  if (presented === undefined) return new ConnectFailure('tls', `${host} shows no certificate`);
  const pinned = pins.get(host);
  if (pinned === undefined) pins.set(host, presented);
  if (pinned === undefined || pinned === presented) return undefined;
  const changed = new CertificateChangedError(host, pinned, presented);
  return new ConnectFailure('tls', changed.message, changed);
};

/** An undici connector that pins certificates and refuses private addresses. Its errors are `ConnectFailure`. */
export const createConnector = (options: ConnectorOptions): buildConnector.connector => {
  const { pins, http2 } = options;
  const refusePrivate = options.privateAddresses === 'refuse';
  const lookup = options.lookup ?? (systemLookup as LookupFunction);
  const connect = buildConnector({
    allowH2: http2,
    preferH2: http2,
    // undici's own types know `useH2c` for clients only, which hand it on to here.
    ...({ useH2c: http2 } as buildConnector.BuildOptions),
    // Deadlines belong to the request; this only bounds a connection nobody waits for any more.
    timeout: 30_000,
    lookup: refusePrivate ? publicOnly(lookup) : lookup,
    // A resumed TLS session would skip the certificate that a pin is compared with.
    ...(options.tls === 'pin' ? { rejectUnauthorized: false, maxCachedSessions: 0 } : {}),
  });
  return (target, callback) => {
    const host = `${target.hostname}:${target.port || (target.protocol === 'https:' ? '443' : '80')}`;
    const literal = target.hostname.replace(/^\[|\]$/g, '');
    if (refusePrivate && isIP(literal) !== 0 && !isPublicAddress(literal)) {
      callback(classify(host, forbidden(literal)), null);
      return;
    }
    connect(target, (error, socket) => {
      if (error !== null) {
        callback(classify(host, error), null);
        return;
      }
      const refusal = options.tls === 'pin' ? checkPin(pins, host, socket) : undefined;
      if (refusal === undefined) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(refusal, null);
    });
  };
};
