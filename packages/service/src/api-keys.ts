import { createHash, timingSafeEqual } from 'node:crypto';

/** Who presented a key. */
export interface Caller {
  /** The name given to the key in the file. */
  readonly identity: string;
}

/** The keys that may call an app. Only their SHA-256 is held. */
export interface ApiKeys {
  /** Number of keys. */
  readonly size: number;
  /** The caller of a key, or undefined. Takes the same time whichever key matches, or none. */
  identify(key: string): Caller | undefined;
}

/** A line of the key file cannot be used. Names the line, never the key. */
export class ApiKeyFileError extends Error {
  override readonly name = 'ApiKeyFileError';
  readonly code = 'invalid-api-key-file';
  readonly exitCode = 2;
}

const NAME = /^[\w.@-]{1,64}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads a key file: one `<identity> <key>` per line, `#` begins a comment. The key is 16 to 256 visible ASCII
 * characters, or `sha256:` and the 64 hexadecimal digits of its hash, so that the file need not hold it.
 * Several keys may name one identity (rotation). Throws `ApiKeyFileError`.
 */
export function parseApiKeys(text: string): ApiKeys {
  const entries: { readonly digest: Buffer; readonly caller: Caller }[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [identity = '', key = '', ...rest] = line.split(/\s+/);
    const fault = !NAME.test(identity)
      ? 'begins with no usable name (letters, digits and _ . @ -)'
      : rest.length > 0 || !(DIGEST.test(key) || /^[\x21-\x7e]{16,256}$/.test(key))
        ? 'has no key of 16 to 256 characters after the name'
        : undefined;
    if (fault !== undefined) throw new ApiKeyFileError(`line ${index + 1} of the API key file ${fault}`);
    const digest = DIGEST.test(key) ? Buffer.from(key.slice(7), 'hex') : sha256(key);
    entries.push({ digest, caller: { identity } });
  }
  if (entries.length === 0) throw new ApiKeyFileError('the API key file has no keys');
  return {
    size: entries.length,
    identify(key) {
      const digest = sha256(key);
      let found: Caller | undefined;
      for (const entry of entries) {
        if (timingSafeEqual(entry.digest, digest)) found = entry.caller;
      }
      return found;
    },
  };
}

/** The token of an `Authorization: Bearer` header, or undefined. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(header ?? '')?.[1];
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
