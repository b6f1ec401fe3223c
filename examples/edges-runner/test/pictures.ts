import type { Frame } from '@lp/trickle';
import sharp from 'sharp';

/** A picture of a white square on black, moved by `step` pixels. */
export async function squareJpeg(width: number, height: number, step: number): Promise<Uint8Array> {
  const side = Math.floor(Math.min(width, height) / 2);
  const square = await sharp({ create: { width: side, height: side, channels: 3, background: '#ffffff' } })
    .png()
    .toBuffer();
  return await sharp({ create: { width, height, channels: 3, background: '#000000' } })
    .composite([{ input: square, left: 10 + (step % 20), top: 20 }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Frame number `number` of a stream of moving squares. */
export async function squareFrame(number: number, size = { width: 320, height: 240 }): Promise<Frame> {
  return {
    number,
    capturedUs: 1_700_000_000_000_000n + BigInt(number) * 50_000n,
    jpeg: await squareJpeg(size.width, size.height, number),
  };
}

/** Brightness, 0 to 255, of each pixel. */
export async function brightness(
  jpeg: Uint8Array,
): Promise<{ width: number; height: number; at: (x: number, y: number) => number }> {
  const { data, info } = await sharp(jpeg).grayscale().raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    at: (x, y) => data[(y * info.width + x) * info.channels] ?? -1,
  };
}
