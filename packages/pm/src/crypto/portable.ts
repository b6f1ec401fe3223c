import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Curve } from './curve.ts';
import { nobleCurve } from './noble-curve.ts';

/** Crypto for runtimes other than Node: plain JavaScript, nothing to load. */
export function curve(): Curve {
  return nobleCurve;
}

/** Keccak-256 of any bytes: 32 new bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}

/** Nothing to load here. */
export function loadKeccak(): Promise<'wasm' | 'portable'> {
  return Promise.resolve('portable');
}

/** Why the native addon is not in use; `undefined` when it is. */
export function nativeFailure(): unknown {
  return new Error('the native addon needs Node.js');
}
