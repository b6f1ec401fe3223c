import { createRequire } from 'node:module';

/** The bare addon: the floor that signing and verifying are measured against. */
export interface Secp256k1 {
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recid: number };
  ecdsaRecover(
    signature: Uint8Array,
    recoveryId: number,
    digest: Uint8Array,
    compressed: boolean,
  ): Uint8Array;
}

/**
 * Loads the native addon.
 *
 * @throws where it is not installed: these figures mean nothing without it.
 */
export function loadSecp256k1(): Secp256k1 {
  // The addon ships no types; the members used are the documented ones.
  return createRequire(import.meta.url)('secp256k1/bindings.js') as Secp256k1;
}
