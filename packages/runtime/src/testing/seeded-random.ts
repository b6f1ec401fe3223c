import type { Random } from '../random.ts';

/** Repeatable random bytes for tests (splitmix32). Never for secrets. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 4) {
        const word = next();
        for (let i = 0; i < 4 && at + i < length; i++) bytes[at + i] = word >>> (8 * i);
      }
      return bytes;
    },
  };
};
