import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { expect, test } from 'vitest';
import { newApiKey } from '../src/commands/key.ts';
import { call } from './signer-fixture.ts';
import { spawnSigner } from './signer-process.ts';

const ACCOUNT = new Wallet(`0x${'7'.repeat(64)}`);

test('SIGHUP takes new callers while it serves; a broken file changes nothing', async () => {
  const rpc = createServer((_request, response) => void response.writeHead(503).end());
  await new Promise<void>((resolve) => rpc.listen(0, '127.0.0.1', resolve));
  const { port } = rpc.address() as { port: number };
  const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
  const [first, second] = [newApiKey('first', random), newApiKey('second', random)];
  await using signer = await spawnSigner({
    account: ACCOUNT,
    files: { keys: first.line },
    flags: (folder) => ['--rpc-url', `http://127.0.0.1:${port}`, '--api-keys-file', join(folder, 'keys')],
  });
  const url = await signer.address('listening');
  const statusWith = async (key: string) =>
    (await call(`${url}/sign-orchestrator-info`, { method: 'POST', headers: { 'x-api-key': key } })).status;
  expect(await statusWith(first.key)).toBe(200);
  expect(await statusWith(second.key)).toBe(401);

  await writeFile(join(signer.folder, 'keys'), 'no key');
  signer.child.kill('SIGHUP');
  await expect.poll(() => signer.stderr()).toContain('reload failed; everything stays as it was');
  expect(await statusWith(first.key)).toBe(200);

  await writeFile(join(signer.folder, 'keys'), second.line);
  signer.child.kill('SIGHUP');
  await expect.poll(() => statusWith(second.key)).toBe(200);
  expect(await statusWith(first.key)).toBe(401);
  expect(signer.stderr()).not.toContain(first.key);
  signer.child.kill('SIGTERM');
  expect(await signer.exited).toBe(0);
  rpc.close();
});
