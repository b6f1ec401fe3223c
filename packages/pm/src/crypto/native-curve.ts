import { createRequire } from 'node:module';
import type { Curve } from './curve.ts';

/** The part of the addon that is used; the package ships no types. */
interface Addon {
  ecdsaSign(
    digest: Uint8Array,
    privateKey: Uint8Array,
    options: undefined,
    output: Uint8Array,
  ): { readonly recid: number };
  ecdsaRecover(
    signature: Uint8Array,
    recoveryId: number,
    digest: Uint8Array,
    compressed: boolean,
    output: Uint8Array,
  ): Uint8Array;
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
}

/**
 * libsecp256k1 through its Node addon. The sub-path matters: the package's root falls back to slow JavaScript
 * without a word.
 *
 * @throws when the addon is not installed or not built for this platform.
 */
export function loadNativeCurve(): Curve {
  // The addon is CommonJS without types; the self-test that follows checks what it does.
  const addon = createRequire(import.meta.url)('secp256k1/bindings.js') as Addon;
  return {
    kind: 'native',
    sign(digest, privateKey) {
      const signature = new Uint8Array(65);
      const { recid } = addon.ecdsaSign(digest, privateKey, undefined, signature.subarray(0, 64));
      signature[64] = 27 + recid;
      return signature;
    },
    recover(digest, compactSignature, recoveryId) {
      try {
        return addon.ecdsaRecover(compactSignature, recoveryId, digest, false, new Uint8Array(65));
      } catch {
        return undefined;
      }
    },
    publicKey: (privateKey) => addon.publicKeyCreate(privateKey, false),
  };
}
