import { type Clock, type Transport, TransportError } from '@lp/runtime';
import { HttpError } from '@lp/service';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Where keys come from and how long they are good. Times in milliseconds. */
export interface RemoteKeySetOptions {
  readonly url: string;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Time for one read of the set. */
const FETCH_TIMEOUT_MS = 3000;
const MAX_BYTES = 256 * 1024;
/** From this age on the set is read again. */
const FRESH_MS = 600_000n;
/** Keys that could not be read again are trusted this long: an issuer that is down does not lock everyone out. */
const DEADLINE_MS = 3_600_000n;
/** An unknown key id causes one read at most this often: made-up ids cost the issuer nothing. */
const COOLDOWN_MS = 15_000n;

/**
 * The public keys of an issuer (RFC 7517), read when first needed and again when they age or when a token names a key
 * that is not among them, which is how issuers rotate. Calls that need a read share one.
 *
 * The returned function throws jose's `JWKSNoMatchingKey`, or HttpError 503 `issuer-unavailable`.
 */
export function remoteKeySet(options: RemoteKeySetOptions): JWTVerifyGetKey {
  const { clock } = options;
  let known: { readonly keys: JWTVerifyGetKey; readonly atNs: bigint } | undefined;
  let triedNs: bigint | undefined;
  let reading: Promise<void> | undefined;
  const since = (atNs: bigint | undefined) =>
    atNs === undefined ? undefined : (clock.monotonicNs() - atNs) / 1_000_000n;

  const read = async (): Promise<void> => {
    triedNs = clock.monotonicNs();
    const atNs = triedNs;
    known = { keys: await fetchKeys(options), atNs };
  };
  const readOnce = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const mayTry = () => reading !== undefined || (since(triedNs) ?? COOLDOWN_MS) >= COOLDOWN_MS;

  return async (header, token) => {
    const age = since(known?.atNs);
    if ((age === undefined || age >= FRESH_MS) && mayTry()) {
      await readOnce().catch((error: unknown) => {
        if (age === undefined || age >= DEADLINE_MS) throw unavailable(error);
      });
    }
    const last = since(known?.atNs);
    if (known === undefined || last === undefined || last >= DEADLINE_MS) throw unavailable();
    try {
      return await find(known.keys);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayTry()) throw error;
      await readOnce().catch((cause: unknown) => {
        throw unavailable(cause); // it may be the issuer's newest key: not the caller's fault
      });
      return await find(known.keys);
    }

    /** What cannot be imported is no key: the issuer's fault. */
    async function find(keys: JWTVerifyGetKey) {
      try {
        return await keys(header, token);
      } catch (error) {
        throw error instanceof errors.JOSEError ? error : unavailable(error);
      }
    }
  };
}

async function fetchKeys({ url, transport }: RemoteKeySetOptions): Promise<JWTVerifyGetKey> {
  const response = await transport.request({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    timeoutMs: FETCH_TIMEOUT_MS,
    maxBodyBytes: MAX_BYTES,
  });
  if (response.status !== 200) throw new Error(`the key set answered ${response.status}`);
  // createLocalJWKSet checks the shape
  return createLocalJWKSet(JSON.parse(new TextDecoder().decode(response.body)) as JSONWebKeySet);
}

function unavailable(cause?: unknown): HttpError {
  const reason =
    cause instanceof TransportError ? cause.code : cause instanceof Error ? cause.message : 'tried just now';
  return new HttpError(
    503,
    'issuer-unavailable',
    `the keys of the token issuer cannot be read (${reason})`,
    cause === undefined ? {} : { cause },
  );
}
