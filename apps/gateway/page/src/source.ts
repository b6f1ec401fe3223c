import { drawPattern } from './pattern.ts';

/** Where pictures come from. */
export type SourceKind = 'pattern' | 'camera';

/** Pictures on a canvas, 20 times a second. */
export interface Source {
  readonly canvas: HTMLCanvasElement;
  stop(): void;
}

export const PICTURE = { width: 640, height: 360 } as const;

/** Starts a source. The camera throws when it is refused or missing. */
export async function startSource(kind: SourceKind, canvas: HTMLCanvasElement): Promise<Source> {
  canvas.width = PICTURE.width;
  canvas.height = PICTURE.height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no canvas');
  if (kind === 'pattern') {
    const began = performance.now();
    const timer = setInterval(() => drawPattern(context, (performance.now() - began) / 1000), 33);
    drawPattern(context, 0);
    return { canvas, stop: () => clearInterval(timer) };
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...PICTURE, frameRate: 30 },
    audio: false,
  });
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  await video.play();
  const timer = setInterval(() => context.drawImage(video, 0, 0, canvas.width, canvas.height), 33);
  return {
    canvas,
    stop: () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** The canvas as a JPEG. */
export function toJpeg(canvas: HTMLCanvasElement): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.7));
}
