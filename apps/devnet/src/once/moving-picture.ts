import { encodePicture } from './encode-picture.ts';
import { PICTURE, type PictureSource, RGB_BYTES } from './picture-source.ts';

interface Disc {
  readonly radius: number;
  /** Pixels per picture. */
  readonly speed: readonly [number, number];
  readonly color: readonly [number, number, number];
}

const DISCS: readonly Disc[] = [
  { radius: 46, speed: [5, 3], color: [235, 80, 60] },
  { radius: 30, speed: [-4, 5], color: [60, 200, 120] },
  { radius: 20, speed: [7, -4], color: [250, 220, 70] },
];

/** Position on a line from `low` to `high`, walked to and fro without end. */
function bounce(distance: number, low: number, high: number): number {
  const span = high - low;
  const place = ((distance % (2 * span)) + 2 * span) % (2 * span);
  return low + (place <= span ? place : 2 * span - place);
}

/** RGB bytes of picture `number`: chequered discs that bounce over a soft background, several pixels each time. */
export function drawPicture(number: number): Uint8Array {
  const { width, height } = PICTURE;
  const rgb = new Uint8Array(RGB_BYTES);
  const discs = DISCS.map(({ radius, speed: [dx, dy], color }, index) => ({
    x: bounce(number * dx + 70 * index, radius, width - radius),
    y: bounce(number * dy + 50 * index, radius, height - radius),
    radius,
    color,
  }));
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const disc = discs.find(({ x: cx, y: cy, radius }) => (x - cx) ** 2 + (y - cy) ** 2 < radius ** 2);
      const [r, g, b] = disc?.color ?? [40 + (x >> 2), 60 + (y >> 2), 90];
      // A chequered disc has edges all over, so that each picture's edges are its own.
      const dark = disc !== undefined && (((x - disc.x) >> 3) + ((y - disc.y) >> 3)) % 2 !== 0;
      rgb[at] = dark ? r >> 1 : r;
      rgb[at + 1] = dark ? g >> 1 : g;
      rgb[at + 2] = dark ? b >> 1 : b;
    }
  }
  return rgb;
}

/** A moving picture without end, drawn by this program. */
export function movingPicture(): PictureSource {
  let number = 0;
  return {
    next: () => encodePicture(drawPicture(number++)),
    async [Symbol.asyncDispose]() {},
  };
}
