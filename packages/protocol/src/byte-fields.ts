import type { Hex } from './types.ts';
import { WireError } from './wire-error.ts';

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const EMPTY = new Uint8Array(0);

/** Bytes as lower-case `0x` hex. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let text = '';
  for (const byte of bytes) text += DIGITS[byte] ?? '';
  return `0x${text}`;
}

/**
 * Reads `0x` hex of exactly `length` bytes, any case.
 *
 * @throws WireError `invalid-field` naming `path`
 */
export function hexToBytes(hex: string, length: number, path: string): Uint8Array {
  if (hex.length !== 2 + length * 2 || !/^0x[0-9a-fA-F]*$/.test(hex)) {
    throw new WireError('invalid-field', `${path} must be 0x and ${length * 2} hex digits`, { path });
  }
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = Number.parseInt(hex.slice(2 + i * 2, 4 + i * 2), 16);
  return out;
}

/** Fits a byte field to `length`: a longer one keeps its last bytes, a shorter one is left-padded (payments.md section 2.6). */
export function fitBytes(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  if (bytes.length > length) return bytes.subarray(bytes.length - length);
  const out = new Uint8Array(length);
  out.set(bytes, length - bytes.length);
  return out;
}

/**
 * A number as big-endian bytes without leading zeros; 0 is empty (payments.md, conventions).
 *
 * @throws WireError `invalid-field` when negative or above 2^256 - 1
 */
export function encodeUint256(value: bigint, path: string): Uint8Array {
  if (value === 0n) return EMPTY;
  if (value < 0n || value >> 256n !== 0n) throw outOfRange(path);
  const digits = value.toString(16);
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
  const out = new Uint8Array(hex.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return out;
}

/**
 * Reads big-endian bytes; empty is 0, leading zeros are allowed.
 *
 * @throws WireError `invalid-field` above 2^256 - 1
 */
export function decodeUint256(bytes: Uint8Array, path: string): bigint {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  if (start === bytes.length) return 0n;
  if (bytes.length - start > 32) throw outOfRange(path);
  return BigInt(bytesToHex(start === 0 ? bytes : bytes.subarray(start)));
}

function outOfRange(path: string): WireError {
  return new WireError('invalid-field', `${path} must be a whole number from 0 to 2^256 - 1`, { path });
}
