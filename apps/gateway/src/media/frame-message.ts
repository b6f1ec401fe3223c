/**
 * Binary messages of the frames socket (docs/gateway.md). One message is one frame, as the record of `@lp/trickle`:
 * `u32be length of the rest, u32be number, u64be capture time in microseconds, JPEG`.
 */
const HEADER_BYTES = 16;

/** A picture as a client sent it. `capturedUs` is undefined when it sent a bare JPEG. */
export interface IncomingPicture {
  readonly capturedUs: bigint | undefined;
  readonly jpeg: Uint8Array;
}

/**
 * Reads what a client sent: a bare JPEG (begins with FF D8), or one frame record whose capture time is kept and
 * whose number is ours to give. Undefined when it is neither.
 */
export function readPicture(message: Uint8Array): IncomingPicture | undefined {
  if (isJpeg(message)) return { capturedUs: undefined, jpeg: message };
  if (message.length < HEADER_BYTES + 2) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const jpeg = message.subarray(HEADER_BYTES);
  if (view.getUint32(0) !== message.length - 4 || !isJpeg(jpeg)) return undefined;
  return { capturedUs: view.getBigUint64(8), jpeg };
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}
