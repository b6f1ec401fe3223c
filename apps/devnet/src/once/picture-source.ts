/** Pictures to be published, one after the other. */
export interface PictureSource extends AsyncDisposable {
  /** The next picture as a JPEG; undefined when there are no more. */
  next(): Promise<Uint8Array | undefined>;
}

/** Size of every picture, in pixels. */
export const PICTURE = { width: 320, height: 240 } as const;

/** Bytes of one picture as RGB. */
export const RGB_BYTES = PICTURE.width * PICTURE.height * 3;
