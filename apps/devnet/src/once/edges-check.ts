import sharp from 'sharp';
import { PICTURE } from './picture-source.ts';

/** A picture that came back is not one. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
  readonly code = 'bad-picture';
}

/**
 * What recompression may change: half of what there is, and half a level of noise. Measured on the moving picture: a
 * third for the right picture; nearly twice what there is for the picture before or after it, all of it for a black
 * one, and many times for one without the effect.
 */
const LIMIT = { share: 0.5, noise: 0.5 };

/** Brightness levels, 0 to 255, as means over the inner pixels. */
export interface EdgesMatch {
  /** Absolute difference between the received picture and the edges of the sent one. */
  readonly deviation: number;
  /** Most that counts as the same picture. */
  readonly limit: number;
}

/**
 * Compares a received picture with the edges of the sent one. The edges are computed here, pixel by pixel: eight times
 * a pixel minus its neighbours.
 *
 * @throws PictureError when it does not decode or has another size
 */
export async function matchEdges(sentJpeg: Uint8Array, receivedJpeg: Uint8Array): Promise<EdgesMatch> {
  const [sent, received] = await Promise.all([brightness(sentJpeg), brightness(receivedJpeg)]);
  const { width, height } = PICTURE;
  const value = (at: number): number => sent[at] ?? 0;
  let difference = 0;
  let energy = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const above = value(at - width - 1) + value(at - width) + value(at - width + 1);
      const below = value(at + width - 1) + value(at + width) + value(at + width + 1);
      const around = above + value(at - 1) + value(at + 1) + below;
      const edge = Math.min(255, Math.max(0, 8 * value(at) - around));
      energy += edge;
      difference += Math.abs(edge - (received[at] ?? 0));
    }
  }
  const pixels = (width - 2) * (height - 2);
  return { deviation: difference / pixels, limit: LIMIT.noise + (LIMIT.share * energy) / pixels };
}

async function brightness(jpeg: Uint8Array): Promise<Uint8Array> {
  try {
    const { data, info } = await sharp(jpeg).grayscale().raw().toBuffer({ resolveWithObject: true });
    if (info.width === PICTURE.width && info.height === PICTURE.height && info.channels === 1) return data;
    throw new PictureError(`${info.width} x ${info.height} instead of ${PICTURE.width} x ${PICTURE.height}`);
  } catch (cause) {
    if (cause instanceof PictureError) throw cause;
    throw new PictureError('the picture does not decode', { cause });
  }
}
