import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { EFFECTS, transform } from '../src/effects.ts';
import { brightness, squareJpeg } from './pictures.ts';

describe('transform', () => {
  it('finds the edges of a square, and nothing inside or outside', async () => {
    const picture = await brightness(await transform(await squareJpeg(320, 240, 0), 'edges'));
    expect([picture.width, picture.height]).toEqual([320, 240]);
    // The square covers x 10..129, y 20..139.
    expect(Math.max(picture.at(9, 80), picture.at(10, 80))).toBeGreaterThan(150);
    expect(Math.max(picture.at(129, 80), picture.at(130, 80))).toBeGreaterThan(150);
    expect(picture.at(70, 80)).toBeLessThan(20);
    expect(picture.at(250, 200)).toBeLessThan(20);
  });

  it('inverts', async () => {
    const picture = await brightness(await transform(await squareJpeg(320, 240, 0), 'invert'));
    expect(picture.at(70, 80)).toBeLessThan(10);
    expect(picture.at(250, 200)).toBeGreaterThan(245);
  });

  it('takes the colour away, or makes it brown', async () => {
    const red = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#ff0000' } })
      .jpeg()
      .toBuffer();
    const mean = async (effect: 'grayscale' | 'sepia') =>
      (
        await sharp(await transform(red, effect))
          .toColourspace('srgb')
          .stats()
      ).channels.map(({ mean: value }) => value);
    const gray = await mean('grayscale');
    expect(new Set(gray.map(Math.round)).size).toBe(1);
    const [r = 0, g = 0, b = 0] = await mean('sepia');
    expect(r).toBeGreaterThan(g);
    expect(g).toBeGreaterThan(b);
  });

  it.each(EFFECTS)('%s refuses what is not a whole JPEG of sensible size', async (effect) => {
    const jpeg = await squareJpeg(64, 64, 0);
    const png = await sharp(jpeg).png().toBuffer();
    const huge = await sharp({ create: { width: 2000, height: 2000, channels: 3, background: '#000' } })
      .jpeg()
      .toBuffer();
    for (const bad of [new Uint8Array(0), new Uint8Array([0xff, 0xd8]), png, jpeg.subarray(0, 200), huge]) {
      await expect(transform(bad, effect)).rejects.toThrow();
    }
  });
});
