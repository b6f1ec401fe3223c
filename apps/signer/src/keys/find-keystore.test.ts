import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findKeystore } from './find-keystore.ts';

const A = `0x${'aa'.repeat(20)}` as const;
const B = `0x${'bb'.repeat(20)}` as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(day: number, account: string, into = folder, mode = 0o600): Promise<string> {
  const address = account.slice(2);
  const path = join(into, `UTC--2026-08-0${day}T10-00-00.000000000Z--${address}`);
  await writeFile(path, JSON.stringify({ address, version: 3, day }), { mode });
  return path;
}

test('a file is taken as it is', async () => {
  const path = await put(1, A);
  expect(await findKeystore(path)).toMatchObject({ path });
  expect(await findKeystore(path, A)).not.toHaveProperty('warning');
  await expect(findKeystore(path, B)).rejects.toThrow(`is of ${A}, not of ${B}`);
});

test('a folder with one account needs no choice; of one account the newest file counts', async () => {
  await put(1, A);
  await put(3, A);
  await put(2, A);
  await writeFile(join(folder, 'notes.txt'), 'not a key');
  expect((await findKeystore(folder)).json).toContain('"day":3');
});

test('of several accounts one must be named', async () => {
  await put(1, A);
  await put(2, B);
  await expect(findKeystore(folder)).rejects.toThrow(
    `choose one with --account (LP_SIGNER_ACCOUNT): ${A}, ${B}`,
  );
  expect((await findKeystore(folder, A)).json).toContain('"day":1');
  await expect(findKeystore(folder, `0x${'cc'.repeat(20)}`)).rejects.toThrow(`but of ${A}, ${B}`);
});

test("go-livepeer's data folder has them in a sub-folder", async () => {
  await mkdir(join(folder, 'keystore'));
  await put(1, A, join(folder, 'keystore'));
  expect((await findKeystore(folder)).json).toContain('"day":1');
});

test('says when a key file is open to others', async () => {
  await put(1, A, folder, 0o644);
  expect((await findKeystore(folder)).warning).toContain('chmod 600');
});

test.each<[string, (folder: string) => Promise<string>]>([
  ['nothing there', async (at) => join(at, 'nowhere')],
  ['an empty folder', async (at) => at],
  [
    'a file of another size',
    async (at) => {
      await writeFile(join(at, 'big'), 'a'.repeat(20_000));
      return join(at, 'big');
    },
  ],
])('%s ends the start with 2', async (_name, make) => {
  await expect(findKeystore(await make(folder))).rejects.toMatchObject({
    code: 'keystore-not-found',
    exitCode: 2,
  });
});
