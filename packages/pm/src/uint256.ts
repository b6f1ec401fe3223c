/** 2^256 - 1: the largest number in 32 bytes. */
export const MAX_UINT256 = 2n ** 256n - 1n;

/** Writes `value` as 32 big-endian bytes at `offset`. The caller has checked 0 <= value <= 2^256 - 1. */
export function writeUint256(target: Uint8Array, offset: number, value: bigint): void {
  const view = new DataView(target.buffer, target.byteOffset + offset, 32);
  view.setBigUint64(0, value >> 192n);
  view.setBigUint64(8, value >> 128n);
  view.setBigUint64(16, value >> 64n);
  view.setBigUint64(24, value);
}

/**
 * 32 big-endian bytes of `value`, left-padded.
 *
 * @throws RangeError outside 0 to 2^256 - 1.
 */
export function uint256Bytes(value: bigint): Uint8Array {
  if (value < 0n || value > MAX_UINT256) throw new RangeError('the number does not fit 32 bytes');
  const bytes = new Uint8Array(32);
  writeUint256(bytes, 0, value);
  return bytes;
}

/** The number that big-endian bytes stand for; 0 for none. */
export function bytesToUint(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
