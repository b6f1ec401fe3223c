import type { Random } from '@lp/runtime';

const POOL_BYTES = 4096;

/** The same randomness, drawn in larger pieces: a call of the system for every ten bytes costs more than the bytes. */
export function pooledRandom(random: Random): Random {
  let pool: Uint8Array = new Uint8Array();
  let at = 0;
  return {
    bytes(length) {
      if (length > POOL_BYTES) return random.bytes(length);
      if (at + length > pool.length) {
        pool = random.bytes(POOL_BYTES);
        at = 0;
      }
      at += length;
      return pool.slice(at - length, at);
    },
  };
}
