import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, it, vi } from 'vitest';
import { PICTURE } from './picture-source.ts';
import { videoFile } from './video-file.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

afterEach(() => vi.unstubAllEnvs());

it('says that ffmpeg is missing', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  await using source = videoFile('/nonexistent.mp4', 20);
  await expect(source.next()).rejects.toThrow('needs ffmpeg');
});

it('says that a file cannot be played', async () => {
  await using source = videoFile('/nonexistent.mp4', 20);
  const message = hasFfmpeg ? /no picture of \/nonexistent\.mp4: .*No such file/s : /needs ffmpeg/;
  await expect(source.next()).rejects.toThrow(message);
});

it.runIf(hasFfmpeg)('plays a file again and again, and can be left at any time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lp-video-'));
  try {
    const file = join(folder, 'short.avi');
    const source = 'testsrc=duration=0.5:size=64x36:rate=10';
    const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-y', file]);
    expect(made.status, String(made.stderr)).toBe(0);
    await using pictures = videoFile(file, 10);
    for (let number = 0; number < 12; number++) {
      const jpeg = await pictures.next();
      const { format, width, height } = await sharp(jpeg).metadata();
      expect({ format, width, height }).toEqual({ format: 'jpeg', ...PICTURE });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.runIf(hasFfmpeg)('ends a wait for pictures when its signal aborts', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  // Its own standard error as input: a pipe on which nothing comes.
  await using pictures = videoFile('pipe:2', 10, stop.signal);
  const next = pictures.next();
  stop.abort(reason);
  await expect(next).rejects.toBe(reason);
});
