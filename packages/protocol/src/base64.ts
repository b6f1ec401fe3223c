import { decode, encode } from '#base64';
import { WireError } from './wire-error.ts';

/** Standard base64 with padding (payments.md section 7, item 12). */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes);
}

/**
 * Reads standard base64: padded, no URL-safe characters, no spaces, unused bits zero, so that each value has one
 * text. `lineBreaks: 'skip'` ignores CR and LF, as Go does inside JSON (remote-signer.md section 1.3).
 *
 * @throws WireError `malformed-base64`
 */
export function decodeBase64(text: string, options: { lineBreaks?: 'refuse' | 'skip' } = {}): Uint8Array {
  const source = options.lineBreaks === 'skip' ? text.replaceAll(/[\r\n]/g, '') : text;
  const bytes = decode(source);
  if (bytes === undefined) throw new WireError('malformed-base64', `not standard base64: ${flawOf(source)}`);
  return bytes;
}

function flawOf(text: string): string {
  if (text.length % 4 !== 0) return 'its length is not a multiple of 4; pad it with "="';
  const end = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  const foreign = text.search(/[^A-Za-z0-9+/]/);
  return foreign === -1 || foreign >= end
    ? 'its unused bits are not zero'
    : `character ${foreign} is not in the standard alphabet`;
}
