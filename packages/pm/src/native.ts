/**
 * The native signer: whether it is in use, and how to insist on it.
 *
 * @module
 */
import { curve, nativeFailure } from '#crypto';
import { privateKeySigner } from './private-key-signer.ts';
import type { Hex, MessageSigner } from './types.ts';

/** The native addon does not load or failed its self-test; `cause` says why. Install `secp256k1`, or go without. */
export class NativeUnavailableError extends Error {
  override readonly name = 'NativeUnavailableError';
  readonly code = 'native-unavailable';
  constructor(cause: unknown) {
    super('the native signer is not available; install the optional package secp256k1 for this platform', {
      cause,
    });
  }
}

/** Whether the native addon loaded and passed its self-test. */
export function isNativeLoaded(): boolean {
  return curve().kind === 'native';
}

/**
 * Insists on native crypto; call it at start where plain JavaScript would be too slow.
 *
 * @throws NativeUnavailableError
 */
export function requireNative(): void {
  if (!isNativeLoaded()) throw new NativeUnavailableError(nativeFailure());
}

/**
 * `privateKeySigner` that never falls back.
 *
 * @throws NativeUnavailableError; PrivateKeyError.
 */
export function nativePrivateKeySigner(privateKey: Hex): MessageSigner {
  requireNative();
  return privateKeySigner(privateKey);
}
