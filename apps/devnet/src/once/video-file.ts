import { spawn } from 'node:child_process';
import { processGuard } from '@lp/devchain';
import { encodePicture } from './encode-picture.ts';
import { PICTURE, type PictureSource, RGB_BYTES } from './picture-source.ts';

/** The input cannot be played. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code = 'bad-input';
}

const MAX_COMPLAINT = 2_000;

/**
 * Pictures of a video file, again and again, through the ffmpeg that is installed. Aborting `signal` ends it.
 *
 * @throws InputError from `next`: ffmpeg is missing, or it cannot read the file
 */
export function videoFile(file: string, fps: number, signal?: AbortSignal): PictureSource {
  const { width, height } = PICTURE;
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease`;
  const filter = `fps=${fps},${fit},pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`;
  const player = spawn(
    'ffmpeg',
    ['-v', 'error', '-nostdin', '-stream_loop', '-1', '-i', file, '-an', '-vf', filter].concat([
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ]),
    { stdio: ['ignore', 'pipe', 'pipe'], killSignal: 'SIGKILL', ...(signal && { signal }) },
  );
  processGuard().watchProcess(player);
  let complaint = '';
  player.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString();
  });
  let missing: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    player.once('close', () => resolve());
    player.once('error', (error) => {
      missing = error;
      resolve();
    });
  });
  const pictures = fixedBlocks(player.stdout, RGB_BYTES);
  return {
    async next() {
      const { value } = await pictures.next();
      if (value !== undefined) return encodePicture(value);
      await ended;
      signal?.throwIfAborted();
      if (missing !== undefined) {
        throw new InputError('--input needs ffmpeg, which cannot be started: install it', { cause: missing });
      }
      throw new InputError(`ffmpeg gives no picture of ${file}: ${complaint.trim() || 'no reason given'}`);
    },
    async [Symbol.asyncDispose]() {
      // Unread output would keep the process from closing.
      player.stdout.destroy();
      if (player.exitCode === null && player.signalCode === null) player.kill('SIGKILL');
      await ended;
    },
  };
}

/** Blocks of exactly `size` bytes; a shorter rest is dropped. Reads no further ahead than the stream's buffer. */
async function* fixedBlocks(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, undefined> {
  let block = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + size - filled);
      block.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < size) continue;
      yield block;
      block = new Uint8Array(size);
      filled = 0;
    }
  }
  return undefined;
}
