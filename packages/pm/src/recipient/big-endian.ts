/** Minimal big-endian bytes of `|n|`; **empty for 0** (payments.md, `BE(n)`). */
export function minimalBytes(n: bigint): Uint8Array {
  let rest = n < 0n ? -n : n;
  if (rest === 0n) return new Uint8Array(0);
  const digits = rest.toString(16).length;
  const bytes = new Uint8Array((digits + 1) >> 1);
  let end = bytes.length;
  const view = new DataView(bytes.buffer);
  while (end >= 8) {
    end -= 8;
    view.setBigUint64(end, BigInt.asUintN(64, rest));
    rest >>= 64n;
  }
  for (let tail = rest; end > 0; tail >>= 8n) bytes[--end] = Number(tail & 0xffn);
  return bytes;
}

/** The parts one after another. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** True when both hold the same bytes; takes the same time whichever byte differs. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
