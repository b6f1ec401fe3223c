import { encodeFrame } from '@lp/trickle';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jpeg } from '../../test/fake-media.ts';
import { readPicture } from './frame-message.ts';

describe('frame messages', () => {
  it('are read back as written', () => {
    const frames = fc.record({
      number: fc.nat(),
      capturedUs: fc.bigInt(0n, 2n ** 64n - 1n),
      content: fc.uint8Array(),
    });
    fc.assert(
      fc.property(frames, ({ number, capturedUs, content }) => {
        const picture = jpeg(...content);
        const message = encodeFrame({ number, capturedUs, jpeg: picture });
        expect(readPicture(message)).toEqual({ capturedUs, jpeg: picture });
        expect(new DataView(message.buffer).getUint32(4)).toBe(number);
      }),
    );
  });

  it('take a bare JPEG, and nothing else, whatever comes', () => {
    expect(readPicture(jpeg(1))).toEqual({ capturedUs: undefined, jpeg: jpeg(1) });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const picture = readPicture(bytes);
        if (picture !== undefined) expect([...picture.jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      }),
    );
    const record = encodeFrame({ number: 1, capturedUs: 0n, jpeg: jpeg(1, 2, 3) });
    expect(readPicture(record.subarray(0, record.length - 1))).toBeUndefined();
  });
});
