import type { Hex } from './types.ts';

/** A text is not the hex that was asked for. */
export class HexError extends Error {
  override readonly name = 'HexError';
  readonly code = 'malformed-hex';
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex with `0x`. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let text = '';
  for (let index = 0; index < bytes.length; index++) text += PAIRS[bytes[index] ?? 0];
  return `0x${text}`;
}

/**
 * Bytes of `0x`-prefixed hex in any case. With `length`, exactly so many bytes.
 *
 * @throws HexError
 */
export function hexToBytes(hex: Hex, length?: number): Uint8Array {
  const bytes = new Uint8Array(length ?? Math.max(0, hex.length - 2) >> 1);
  writeHex(bytes, 0, hex, bytes.length);
  return bytes;
}

/**
 * Writes exactly `length` bytes of `hex` at `offset`; nothing is allocated.
 *
 * @throws HexError
 */
export function writeHex(target: Uint8Array, offset: number, hex: Hex, length: number): void {
  if (hex.length !== 2 + 2 * length || hex.charCodeAt(0) !== 48 || (hex.charCodeAt(1) | 32) !== 120) {
    throw new HexError(`expected 0x and ${length} bytes of hex, got ${hex.length} characters`);
  }
  for (let index = 0; index < length; index++) {
    const byte = (digit(hex.charCodeAt(2 + 2 * index)) << 4) | digit(hex.charCodeAt(3 + 2 * index));
    if (byte < 0) throw new HexError('expected hex digits only');
    target[offset + index] = byte;
  }
}

/** 0 to 15, or a negative number that stays negative under `<<` and `|`. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
