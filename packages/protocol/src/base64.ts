import { WireError } from './wire-error.ts';

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
const VALUES = new Uint8Array(128).fill(0xff);
for (const [value, char] of ALPHABET.entries()) VALUES[char] = value;

const ascii = new TextDecoder();

/** Standard base64 with padding (payments.md section 7, item 12). */
export function encodeBase64(bytes: Uint8Array): string {
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

/**
 * Reads standard base64: padded, no URL-safe characters, no spaces, unused bits zero, so that each value has one
 * text. `lineBreaks: 'skip'` ignores CR and LF, as Go does inside JSON (remote-signer.md section 1.3).
 *
 * @throws WireError `malformed-base64`
 */
export function decodeBase64(text: string, options: { lineBreaks?: 'refuse' | 'skip' } = {}): Uint8Array {
  const source = options.lineBreaks === 'skip' ? text.replaceAll(/[\r\n]/g, '') : text;
  const length = source.length;
  if (length % 4 !== 0) throw malformed('its length is not a multiple of 4; pad it with "="');
  const padding = !source.endsWith('=') ? 0 : source.endsWith('==') ? 2 : 1;
  const out = new Uint8Array((length / 4) * 3 - padding);
  const chars = length - padding;
  let at = 0;
  let word = 0;
  for (let i = 0; i < chars; i++) {
    const value = VALUES[source.charCodeAt(i)] ?? 0xff;
    if (value === 0xff) throw malformed(`character ${i} is not in the standard alphabet`);
    word = (word << 6) | value;
    if ((i & 3) === 3) {
      out[at++] = word >>> 16;
      out[at++] = word >>> 8;
      out[at++] = word;
      word = 0;
    }
  }
  if (padding === 1) {
    if ((word & 3) !== 0) throw malformed('its unused bits are not zero');
    out[at++] = word >>> 10;
    out[at++] = word >>> 2;
  } else if (padding === 2) {
    if ((word & 15) !== 0) throw malformed('its unused bits are not zero');
    out[at++] = word >>> 4;
  }
  return out;
}

function malformed(why: string): WireError {
  return new WireError('malformed-base64', `not standard base64: ${why}`);
}
