import { keccak256 } from '#crypto';
import { bytesToHex, hexToBytes } from './hex.ts';
import type { Hex } from './types.ts';

/**
 * Address of a public key, lower case.
 *
 * @throws RangeError unless the key is uncompressed: 64 bytes, or 65 with the leading 4.
 */
export function publicAddress(publicKey: Uint8Array): Hex {
  return bytesToHex(publicAddressBytes(publicKey));
}

/** `publicAddress` as 20 bytes. */
export function publicAddressBytes(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length === 65 && publicKey[0] === 4) return keccak256(publicKey.subarray(1)).subarray(12);
  if (publicKey.length === 64) return keccak256(publicKey).subarray(12);
  throw new RangeError('an uncompressed public key is 64 bytes, or 65 with the leading 4');
}

/**
 * The address in the mixed case of EIP-55, as people and `OrchestratorRequest` want it.
 *
 * @throws HexError unless `address` is 20 bytes of hex.
 */
export function checksumAddress(address: Hex): Hex {
  const digits = bytesToHex(hexToBytes(address, 20)).slice(2);
  const hash = bytesToHex(keccak256(new TextEncoder().encode(digits))).slice(2);
  let text = '';
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charAt(index);
    text += hash.charCodeAt(index) >= 56 ? digit.toUpperCase() : digit;
  }
  return `0x${text}`;
}
