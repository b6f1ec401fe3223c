import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameDecoder, FrameError } from './decoder.ts';
import { encodeFrame, type Frame } from './frame.ts';

const frame = fc.record({
  number: fc.integer({ min: 0, max: 0xffff_ffff }),
  capturedUs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  jpeg: fc.uint8Array({ maxLength: 300 }),
});

const concat = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** Feeds `bytes` in pieces whose sizes repeat, out of one buffer that is overwritten after each call. */
const decodeInPieces = (bytes: Uint8Array, sizes: readonly number[], decoder: FrameDecoder): Frame[] => {
  const frames: Frame[] = [];
  for (let at = 0, i = 0; at < bytes.byteLength; i++) {
    const piece = bytes.slice(at, at + (sizes[i % sizes.length] ?? 1));
    frames.push(...decoder.push(piece));
    at += piece.byteLength;
    piece.fill(0xee);
  }
  return frames;
};

test('the layout is the documented one', () => {
  const bytes = encodeFrame({ number: 1, capturedUs: 0x0102030405060708n, jpeg: Uint8Array.of(0xff, 0xd8) });
  expect(Buffer.from(bytes).toString('hex')).toBe('0000000e' + '00000001' + '0102030405060708' + 'ffd8');
});

test('frames come back whole however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 }),
      (frames, sizes) => {
        const decoder = new FrameDecoder();
        expect(decodeInPieces(concat(frames.map(encodeFrame)), sizes, decoder)).toEqual(frames);
        decoder.end();
        expect(decoder.heldBytes).toBe(0);
      },
    ),
  );
});

test('arbitrary bytes give frames or a FrameError, and never hold more than one frame', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (pieces) => {
      const decoder = new FrameDecoder({ maxJpegBytes: 100 });
      try {
        for (const piece of pieces) {
          for (const { jpeg } of decoder.push(piece)) expect(jpeg.byteLength).toBeLessThanOrEqual(100);
          expect(decoder.heldBytes).toBeLessThan(4 + 12 + 100);
        }
        decoder.end();
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
        expect(() => decoder.push(Uint8Array.of(1))).toThrow(FrameError);
      }
    }),
    { numRuns: 500 },
  );
});

describe('limits', () => {
  const length = (value: number): Uint8Array => {
    const field = new Uint8Array(4);
    new DataView(field.buffer).setUint32(0, value);
    return field;
  };

  test.each([
    [11, 'frame-too-short'],
    [0, 'frame-too-short'],
    [12 + 101, 'frame-too-large'],
    [0xffff_ffff, 'frame-too-large'],
  ])('a length of %i is refused as soon as it is read', (value, code) => {
    const decoder = new FrameDecoder({ maxJpegBytes: 100 });
    expect(() => decoder.push(length(value))).toThrow(expect.objectContaining({ code }));
  });

  test('a picture of exactly the limit passes', () => {
    const decoder = new FrameDecoder({ maxJpegBytes: 100 });
    expect(decoder.push(encodeFrame({ number: 0, capturedUs: 0n, jpeg: new Uint8Array(100) }))).toHaveLength(
      1,
    );
  });

  test('the end inside a frame is told', () => {
    const decoder = new FrameDecoder();
    decoder.push(length(20));
    expect(() => decoder.end()).toThrow(expect.objectContaining({ code: 'truncated' }));
  });

  test.each([
    [{ number: -1 }],
    [{ number: 2 ** 32 }],
    [{ number: 1.5 }],
    [{ capturedUs: -1n }],
    [{ capturedUs: 2n ** 64n }],
  ])('%o does not fit', (wrong) => {
    expect(() => encodeFrame({ number: 0, capturedUs: 0n, jpeg: new Uint8Array(0), ...wrong })).toThrow(
      RangeError,
    );
  });
});
