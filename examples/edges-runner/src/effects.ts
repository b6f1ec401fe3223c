import sharp, { type Sharp } from 'sharp';

// One picture at a time keeps one core busy; libvips' own threads would only compete with each other.
sharp.concurrency(1);
sharp.cache(false);

/** Largest picture taken, in pixels: a small JPEG can unpack to gigabytes. */
const MAX_PIXELS = 1920 * 1080;

/** What can be done to a picture. */
export const EFFECTS = ['edges', 'sepia', 'grayscale', 'invert'] as const;

/** What can be done to a picture. */
export type Effect = (typeof EFFECTS)[number];

const apply: Readonly<Record<Effect, (picture: Sharp) => Sharp>> = {
  // Laplacian over brightness: flat areas turn black, edges white.
  edges: (picture) =>
    picture
      .grayscale()
      .convolve({ width: 3, height: 3, kernel: [-1, -1, -1, -1, 8, -1, -1, -1, -1], scale: 1 }),
  sepia: (picture) =>
    picture.recomb([
      [0.393, 0.769, 0.189],
      [0.349, 0.686, 0.168],
      [0.272, 0.534, 0.131],
    ]),
  grayscale: (picture) => picture.grayscale(),
  invert: (picture) => picture.negate({ alpha: false }),
};

/** The JPEG with the effect applied, as a JPEG of the same size. Rejects on anything that is not a JPEG. */
export async function transform(jpeg: Uint8Array, effect: Effect): Promise<Uint8Array> {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new Error('not a JPEG');
  const picture = sharp(jpeg, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
  return await apply[effect](picture).jpeg({ quality: 80 }).toBuffer();
}
