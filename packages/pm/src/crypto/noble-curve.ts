import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Curve } from './curve.ts';

const SIGN_OPTIONS = { prehash: false, lowS: true, format: 'recovered' } as const;

/** secp256k1 in plain JavaScript, for every runtime. */
export const nobleCurve: Curve = {
  kind: 'portable',
  sign(digest, privateKey) {
    const recovered = secp256k1.sign(digest, privateKey, SIGN_OPTIONS);
    const signature = new Uint8Array(65);
    signature.set(recovered.subarray(1), 0);
    signature[64] = 27 + (recovered[0] ?? 0);
    return signature;
  },
  recover(digest, compactSignature, recoveryId) {
    try {
      return secp256k1.Signature.fromBytes(compactSignature)
        .addRecoveryBit(recoveryId)
        .recoverPublicKey(digest)
        .toBytes(false);
    } catch {
      return undefined;
    }
  },
  publicKey: (privateKey) => secp256k1.getPublicKey(privateKey, false),
};
