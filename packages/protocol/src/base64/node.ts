/** Standard base64 with padding, by Node's own code: a tenth of the time that JavaScript takes. */
export function encode(bytes: Uint8Array): string {
  return viewOf(bytes).toString('base64');
}

/** The bytes whose `encode` is exactly `text`; `undefined` where there are none. Node reads much more than standard base64. */
export function decode(text: string): Uint8Array | undefined {
  const padding = !text.endsWith('=') ? 0 : text.endsWith('==') ? 2 : 1;
  // not Buffer.from(text): its bytes lie in a pool that the smallest of them keeps alive
  const bytes = new Uint8Array(Math.max(0, Math.floor(text.length / 4) * 3 - padding));
  viewOf(bytes).write(text, 'base64');
  return encode(bytes) === text ? bytes : undefined;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
