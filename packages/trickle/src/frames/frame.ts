/** One picture of a stream. */
export interface Frame {
  /** Counts the pictures of a stream; 32 bits. */
  readonly number: number;
  /** When it was captured, in microseconds since 1970; 64 bits. */
  readonly capturedUs: bigint;
  /** A JPEG file. */
  readonly jpeg: Uint8Array;
}

/** MIME type of a channel of frames. */
export const FRAMES_CONTENT_TYPE = 'application/x-lp-frames';

/** Bytes of the length field. */
export const LENGTH_BYTES = 4;
/** Bytes between the length field and the picture: number and capture time. */
export const HEADER_BYTES = 12;

/** Largest picture that a decoder takes unless told otherwise: 8 MiB. */
export const DEFAULT_MAX_JPEG_BYTES = 8 * 1_048_576;

const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * A frame as it is sent: `u32be length of the rest | u32be number | u64be capture time | JPEG`. Throws `RangeError`
 * when a field does not fit.
 */
export const encodeFrame = ({ number, capturedUs, jpeg }: Frame): Uint8Array => {
  if (!Number.isInteger(number) || number < 0 || number > MAX_U32) {
    throw new RangeError('frame number must be a 32-bit unsigned integer');
  }
  if (capturedUs < 0n || capturedUs > MAX_U64) {
    throw new RangeError('capture time must be a 64-bit unsigned integer');
  }
  const rest = HEADER_BYTES + jpeg.byteLength;
  if (rest > MAX_U32) throw new RangeError('picture is too large for a frame');
  const bytes = new Uint8Array(LENGTH_BYTES + rest);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rest);
  view.setUint32(4, number);
  view.setBigUint64(8, capturedUs);
  bytes.set(jpeg, LENGTH_BYTES + HEADER_BYTES);
  return bytes;
};
