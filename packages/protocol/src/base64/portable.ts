const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
const VALUES = new Uint8Array(128).fill(0xff);
for (const [value, char] of ALPHABET.entries()) VALUES[char] = value;

const ascii = new TextDecoder();

/** Standard base64 with padding, in plain JavaScript. */
export function encode(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at++] = ALPHABET[word >>> 18] ?? PAD;
    out[at++] = ALPHABET[(word >>> 12) & 63] ?? PAD;
    out[at++] = left > 1 ? (ALPHABET[(word >>> 6) & 63] ?? PAD) : PAD;
    out[at++] = left > 2 ? (ALPHABET[word & 63] ?? PAD) : PAD;
  }
  return ascii.decode(out);
}

/** The bytes whose `encode` is exactly `text`; `undefined` where there are none. */
export function decode(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  const padding = !text.endsWith('=') ? 0 : text.endsWith('==') ? 2 : 1;
  const out = new Uint8Array((length / 4) * 3 - padding);
  const chars = length - padding;
  let at = 0;
  let word = 0;
  for (let i = 0; i < chars; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? 0xff;
    if (value === 0xff) return undefined;
    word = (word << 6) | value;
    if ((i & 3) === 3) {
      out[at++] = word >>> 16;
      out[at++] = word >>> 8;
      out[at++] = word;
      word = 0;
    }
  }
  if (padding === 1) {
    if ((word & 3) !== 0) return undefined;
    out[at++] = word >>> 10;
    out[at++] = word >>> 2;
  } else if (padding === 2) {
    if ((word & 15) !== 0) return undefined;
    out[at++] = word >>> 4;
  }
  return out;
}
