import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newApiKey } from '../src/commands/key.ts';
import { call } from './signer-fixture.ts';
import { type SignerProcess, spawnSigner } from './signer-process.ts';
import { workersIn, workersThat } from './workers-fixture.ts';

const ACCOUNT = new Wallet(`0x${'7'.repeat(64)}`);
const SOON = { timeout: 30_000 };
/** Enough that both workers get some: connections go to them in turn. */
const CALLS = 6;

/** A chain that is never readable: none of this needs one. */
const rpc = createServer((_request, response) => void response.writeHead(503).end());
beforeAll(async () => {
  rpc.listen(0, '127.0.0.1');
  await once(rpc, 'listening');
});
afterAll(() => void rpc.close());

const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const [first, second] = [newApiKey('first', random), newApiKey('second', random)];

function start(): Promise<SignerProcess> {
  return spawnSigner({
    account: ACCOUNT,
    files: { keys: first.line },
    flags: (folder) => [
      '--workers=2',
      `--rpc-url=http://127.0.0.1:${(rpc.address() as AddressInfo).port}`, // a TCP listener has one
      `--api-keys-file=${join(folder, 'keys')}`,
    ],
  });
}

/** The distinct statuses of some calls with a key, each of its own connection. */
async function statusesWith(url: string, key: string): Promise<number[]> {
  const headers = { 'x-api-key': key };
  const calls = Array.from({ length: CALLS }, () =>
    call(`${url}/sign-orchestrator-info`, { method: 'POST', headers }),
  );
  return [...new Set((await Promise.all(calls)).map(({ status }) => status))];
}

test('SIGHUP reaches every worker; a broken file leaves the old one in force in all of them', async () => {
  await using signer = await start();
  const url = await signer.address('listening');
  const workers = workersIn(signer.stderr());
  expect(workers).toHaveLength(2);
  const all = (message: string) =>
    workersThat(message, signer.stderr()).filter((pid) => workers.includes(pid)).length;
  expect(await statusesWith(url, first.key)).toEqual([200]);
  expect(await statusesWith(url, second.key)).toEqual([401]);

  await writeFile(join(signer.folder, 'keys'), 'no key');
  signer.child.kill('SIGHUP');
  await expect.poll(() => signer.stderr(), SOON).toContain('reload failed; everything stays as it was');
  expect(signer.stderr()).not.toContain('"reloaded"'); // the supervisor has looked, and told nobody to read it
  expect(await statusesWith(url, first.key)).toEqual([200]);

  await writeFile(join(signer.folder, 'keys'), second.line);
  signer.child.kill('SIGHUP');
  await expect.poll(() => all('reloaded'), SOON).toBe(2);
  expect(await statusesWith(url, second.key)).toEqual([200]);
  expect(await statusesWith(url, first.key)).toEqual([401]);

  // one that takes another's place reads the file as it is now
  const [victim] = workers;
  if (victim === undefined) expect.fail('no worker');
  process.kill(victim, 'SIGKILL');
  await expect.poll(() => workersIn(signer.stderr()).length, SOON).toBe(3);
  await expect.poll(() => statusesWith(url, second.key), SOON).toEqual([200]);
  signer.child.kill('SIGTERM');
  expect(await signer.exited).toBe(0);
}, 90_000);

test('five workers in a row that do not start end the signer with 1, and say so', async () => {
  await using signer = await start();
  const url = await signer.address('listening');
  await writeFile(join(signer.folder, 'password'), 'wrong');
  const [victim] = workersIn(signer.stderr());
  if (victim === undefined) expect.fail('no worker');
  process.kill(victim, 'SIGKILL');
  expect(await signer.exited).toBe(1);
  const log = signer.stderr();
  expect(log.match(/the password does not open this keystore/g)).toHaveLength(5);
  expect(log).toContain('5 workers in a row ended before they served');
  await expect(call(url)).rejects.toThrow();
}, 90_000);

test('a supervisor that is killed takes its workers along, and the ports are free', async () => {
  await using signer = await start();
  const ports = await Promise.all([signer.address('listening'), signer.address('admin')]);
  signer.child.kill('SIGKILL');
  await signer.exited; // not before all processes that hold its output have ended
  for (const url of ports) {
    const server = createTcpServer().listen(Number(new URL(url).port), '127.0.0.1');
    await once(server, 'listening');
    server.close();
  }
});
