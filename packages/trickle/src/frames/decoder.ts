import { DEFAULT_MAX_JPEG_BYTES, type Frame, HEADER_BYTES, LENGTH_BYTES } from './frame.ts';

/** Why bytes are not frames. */
export type FrameErrorCode =
  /** A length that no frame has: something else is on this channel. */
  | 'frame-too-short'
  /** A picture beyond the limit. Raise `maxJpegBytes` if that is expected. */
  | 'frame-too-large'
  /** The bytes ended inside a frame. */
  | 'truncated';

/** Bytes that are not frames. The rest of the segment can not be read. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is allocated for a frame before its bytes have come: a length alone must not cost much. */
const MAX_ADVANCE_BYTES = 262_144;

/** Decodes frames from bytes in pieces of any size. Holds at most one incomplete frame; keeps no input buffer. */
export class FrameDecoder {
  readonly #maxJpegBytes: number;
  #buffer = new Uint8Array(LENGTH_BYTES);
  #held = 0;
  /** Length of what is being collected: the length field, then the whole frame with it. */
  #wanted = LENGTH_BYTES;
  #failed: FrameError | undefined;

  constructor({ maxJpegBytes = DEFAULT_MAX_JPEG_BYTES }: { maxJpegBytes?: number } = {}) {
    this.#maxJpegBytes = maxJpegBytes;
  }

  /** Bytes of an incomplete frame. */
  get heldBytes(): number {
    return this.#held;
  }

  /** Takes more bytes and gives the frames that are complete. Throws `FrameError`, and then for every later call. */
  push(bytes: Uint8Array): Frame[] {
    if (this.#failed !== undefined) throw this.#failed;
    const frames: Frame[] = [];
    let at = 0;
    while (at < bytes.byteLength) {
      const taken = bytes.subarray(at, at + this.#wanted - this.#held);
      at += taken.byteLength;
      this.#collect(taken);
      if (this.#held < this.#wanted) break;
      if (this.#wanted === LENGTH_BYTES) this.#wanted = this.#readLength();
      else frames.push(this.#takeFrame());
    }
    return frames;
  }

  /** Says that no more bytes come. Throws `FrameError` 'truncated' inside a frame. */
  end(): void {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#held > 0) throw this.#fail('truncated', `bytes ended ${this.#held} bytes into a frame`);
  }

  #collect(bytes: Uint8Array): void {
    const needed = this.#held + bytes.byteLength;
    if (needed > this.#buffer.byteLength) {
      const ahead = Math.max(needed, 2 * this.#buffer.byteLength, MAX_ADVANCE_BYTES);
      const larger = new Uint8Array(Math.min(this.#wanted, ahead));
      larger.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#held);
    this.#held = needed;
  }

  #readLength(): number {
    const rest = new DataView(this.#buffer.buffer).getUint32(0);
    if (rest < HEADER_BYTES) throw this.#fail('frame-too-short', `no frame has a length of ${rest}`);
    if (rest - HEADER_BYTES > this.#maxJpegBytes) {
      throw this.#fail(
        'frame-too-large',
        `picture of ${rest - HEADER_BYTES} bytes, limit ${this.#maxJpegBytes}`,
      );
    }
    return LENGTH_BYTES + rest;
  }

  #takeFrame(): Frame {
    const view = new DataView(this.#buffer.buffer);
    const frame = {
      number: view.getUint32(4),
      capturedUs: view.getBigUint64(8),
      jpeg: this.#buffer.subarray(LENGTH_BYTES + HEADER_BYTES),
    };
    this.#reset();
    return frame;
  }

  #fail(code: FrameErrorCode, message: string): FrameError {
    this.#failed = new FrameError(code, message);
    this.#reset();
    return this.#failed;
  }

  #reset(): void {
    this.#buffer = new Uint8Array(LENGTH_BYTES);
    this.#held = 0;
    this.#wanted = LENGTH_BYTES;
  }
}
