import { curve } from '#crypto';
import { publicAddress } from './address.ts';
import { hexToBytes } from './hex.ts';
import { loadCrypto } from './load-crypto.ts';
import { hashMessage } from './message.ts';
import type { Hex, MessageSigner } from './types.ts';

/** The private key is not 32 bytes of hex between 1 and the group order. The key is not part of the error. */
export class PrivateKeyError extends Error {
  override readonly name = 'PrivateKeyError';
  readonly code = 'invalid-private-key';
  constructor() {
    super(
      'a private key is 0x and 32 bytes of hex, above 0 and below the group order; check the source of the key',
    );
  }
}

/**
 * A signer with its key in memory: native where that loads (after a self-test), plain JavaScript otherwise.
 *
 * @throws PrivateKeyError
 * @example
 * const signer = privateKeySigner(`0x${'11'.repeat(32)}`);
 * const [signature] = await signer.signMessages([loginMessage(signer.address)]);
 */
export function privateKeySigner(privateKey: Hex): MessageSigner {
  const key = privateKeyBytes(privateKey);
  const address = addressOfKey(key);
  return {
    address,
    async signMessages(messages, options) {
      await loadCrypto();
      options?.signal?.throwIfAborted();
      const secp256k1 = curve();
      return messages.map((message) => secp256k1.sign(hashMessage(message), key));
    },
  };
}

function privateKeyBytes(privateKey: Hex): Uint8Array {
  try {
    return hexToBytes(privateKey, 32);
  } catch {
    throw new PrivateKeyError(); // without a cause: it may show parts of the key
  }
}

function addressOfKey(key: Uint8Array): Hex {
  try {
    return publicAddress(curve().publicKey(key));
  } catch {
    throw new PrivateKeyError(); // without a cause: it may show parts of the key
  }
}
