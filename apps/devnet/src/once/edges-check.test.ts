import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { matchEdges, PictureError } from './edges-check.ts';
import { encodePicture } from './encode-picture.ts';
import { drawPicture } from './moving-picture.ts';
import { PICTURE } from './picture-source.ts';

const picture = (number: number): Promise<Uint8Array> => encodePicture(drawPicture(number));
/** The effect as a runner would do it, with the library's own convolution. */
const edges = (jpeg: Uint8Array): Promise<Uint8Array> =>
  sharp(jpeg)
    .grayscale()
    .convolve({ width: 3, height: 3, kernel: [-1, -1, -1, -1, 8, -1, -1, -1, -1], scale: 1 })
    .jpeg({ quality: 80 })
    .toBuffer();
const matches = async (sent: Uint8Array, received: Uint8Array): Promise<boolean> => {
  const { deviation, limit } = await matchEdges(sent, received);
  return deviation <= limit;
};

describe('the check of a frame', () => {
  it.each([0, 1, 17, 99, 400, 12_345])('takes the edges of picture %i and of no other', async (number) => {
    const [before, sent, after] = await Promise.all([number + 2, number, number + 1].map(picture));
    if (before === undefined || sent === undefined || after === undefined) throw new Error('no picture');
    const received = await edges(sent);
    expect(await matches(sent, received)).toBe(true);
    expect(await matches(before, received)).toBe(false);
    expect(await matches(after, received)).toBe(false);
  });

  it('refuses the picture itself, its brightness, and a black one', async () => {
    const sent = await picture(5);
    const black = sharp({
      create: { width: PICTURE.width, height: PICTURE.height, channels: 3, background: 'black' },
    });
    expect(await matches(sent, sent)).toBe(false);
    expect(await matches(sent, await sharp(sent).grayscale().jpeg().toBuffer())).toBe(false);
    expect(await matches(sent, await black.jpeg().toBuffer())).toBe(false);
  });

  it('says when a picture does not decode or has another size', async () => {
    const sent = await picture(5);
    const received = await edges(sent);
    await expect(matchEdges(sent, received.subarray(0, 40))).rejects.toBeInstanceOf(PictureError);
    await expect(matchEdges(sent, new Uint8Array())).rejects.toBeInstanceOf(PictureError);
    const small = await sharp(received).resize(160, 120).jpeg().toBuffer();
    await expect(matchEdges(sent, small)).rejects.toThrow('160 x 120 instead of 320 x 240');
  });
});
