import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Devchain, startDevchain } from '@lp/devchain';
import { encryptKeystoreJson } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctorCommand } from '../src/commands/doctor.ts';

let devchain: Devchain;
let folder: string;
let key: string[];
beforeAll(async () => {
  devchain = await startDevchain({ serviceUris: ['http://127.0.0.1:9'] });
  folder = await mkdtemp(join(tmpdir(), 'lp-doctor-'));
  for (const [name, account] of Object.entries({
    sender: devchain.accounts.sender,
    outsider: devchain.accounts.outsider,
  })) {
    const json = await encryptKeystoreJson(account, 'right', { scrypt: { N: 1024 } });
    await writeFile(join(folder, name), json, { mode: 0o600 });
  }
  await writeFile(join(folder, 'password'), 'right', { mode: 0o600 });
  key = ['--password-file', join(folder, 'password'), '--data-dir', join(folder, 'data')];
});
afterAll(async () => {
  await devchain.close();
  await rm(folder, { recursive: true });
});

interface Report {
  readonly ok: boolean;
  readonly findings: { part: string; level: string; detail: string; advice?: string }[];
}

async function doctor(...flags: readonly string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const write = (more: string) => void (text += more);
  const code = await doctorCommand([...key, ...flags], { out: write, err: write });
  return { code, text };
}

const onDevchain = () => ['--rpc-url', devchain.rpcUrl, '--controller', devchain.controller];
const keyOf = (name: string) => ['--keystore-file', join(folder, name)];

test('finds a funded sender well, and says what is left to do', async () => {
  const { code, text } = await doctor(...keyOf('sender'), ...onDevchain(), '--json');
  const report = JSON.parse(text) as Report;
  expect(report.ok).toBe(true);
  expect(code).toBe(0);
  const byPart = Object.fromEntries(report.findings.map((finding) => [finding.part, finding]));
  expect(byPart).toMatchObject({
    access: { level: 'warn' },
    chain: { level: 'ok' },
    account: { detail: devchain.accounts.sender.address.toLowerCase() },
    funds: { level: 'ok' },
    deposit: { level: 'ok', detail: expect.stringContaining('1.5 ETH') },
    reserve: { level: 'ok', detail: expect.stringContaining('1.05 ETH for each of 2 orchestrators') },
    unlock: { level: 'ok' },
    'burn rate': { level: 'ok' },
    ledger: { level: 'ok' },
    discovery: { level: 'warn' },
  });
  expect(text).not.toContain(devchain.accounts.sender.privateKey.slice(2));
});

test('finds an account without money, in words', async () => {
  const { code, text } = await doctor(...keyOf('outsider'), ...onDevchain());
  expect(code).toBe(1);
  expect(text).toMatch(/^FAIL {2}funds: no sender reserve\n {6}-> lp-signer fund/m);
});

test('a chain that does not answer fails, and the rest is looked at all the same', async () => {
  const { code, text } = await doctor(...keyOf('sender'), '--rpc-url', 'http://127.0.0.1:9', '--json');
  expect(code).toBe(1);
  const parts = (JSON.parse(text) as Report).findings.map(({ part, level }) => `${part} ${level}`);
  expect(parts).toContain('chain fail');
  expect(parts).toContain('ledger ok');
});

test('options that cannot be used are a finding too', async () => {
  const { code, text } = await doctor(...keyOf('nothing'), ...onDevchain());
  expect(code).toBe(1);
  expect(text).toContain('does not exist');
});
