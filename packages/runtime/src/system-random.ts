import type { Random } from './random.ts';

/** `getRandomValues` refuses larger requests. */
const CHUNK_BYTES = 65_536;

/** The platform's CSPRNG (Web Crypto, in Node and in browsers). */
export const systemRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += CHUNK_BYTES) {
      globalThis.crypto.getRandomValues(bytes.subarray(at, at + CHUNK_BYTES));
    }
    return bytes;
  },
};
