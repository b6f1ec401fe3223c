import sharp from 'sharp';
import { PICTURE } from './picture-source.ts';

/** The JPEG of RGB bytes. */
export async function encodePicture(rgb: Uint8Array): Promise<Uint8Array> {
  const raw = { width: PICTURE.width, height: PICTURE.height, channels: 3 } as const;
  return sharp(rgb, { raw }).jpeg({ quality: 90 }).toBuffer();
}
