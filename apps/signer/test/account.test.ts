import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Devchain, startDevchain } from '@lp/devchain';
import { encryptKeystoreJson } from 'ethers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fundCommand, unlockCommand, withdrawCommand } from '../src/commands/account-commands.ts';

let devchain: Devchain;
let folder: string;
let flags: string[];
beforeAll(async () => {
  devchain = await startDevchain();
  folder = await mkdtemp(join(tmpdir(), 'lp-account-'));
  const { address } = devchain.accounts.outsider;
  const json = await encryptKeystoreJson(devchain.accounts.outsider, 'right', { scrypt: { N: 1024 } });
  const name = `UTC--2026-08-20T10-00-00.000000000Z--${address.slice(2).toLowerCase()}`;
  await writeFile(join(folder, name), json, { mode: 0o600 });
  await writeFile(join(folder, 'password'), 'right\n', { mode: 0o600 });
  flags = [
    '--keystore-file',
    folder,
    '--password-file',
    join(folder, 'password'),
    '--rpc-url',
    devchain.rpcUrl,
  ];
  flags.push('--controller', devchain.controller, '--confirmations', '1');
});
afterAll(async () => {
  await devchain.close();
  await rm(folder, { recursive: true });
});

/** Runs a command and gives what it printed. */
async function run(
  command: typeof fundCommand,
  argv: readonly string[],
  confirm: (question: string) => Promise<boolean> = expect.unreachable,
) {
  let text = '';
  const write = (more: string) => void (text += more);
  const code = await command([...flags, ...argv], { out: write, err: write, confirm });
  return { code, text };
}

test('fund, unlock, wait and withdraw, with dry runs and a question in between', async () => {
  const amounts = ['--deposit-eth', '0.25', '--reserve-eth', '1/2'];
  const dry = await run(fundCommand, [...amounts, '--dry-run']);
  expect(dry.code).toBe(0);
  expect(dry.text).toContain('deposit   0 ETH\n');
  expect(dry.text).toContain('would     add 0.25 ETH to the deposit and 0.5 ETH to the reserve\n');
  expect(dry.text).not.toContain('sent');

  const refused = await run(fundCommand, amounts, async () => false);
  expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('not sent') });
  const funded = await run(fundCommand, amounts, async () => true);
  expect(funded).toMatchObject({
    code: 0,
    text: expect.stringContaining('now       deposit 0.25 ETH, reserve 0.5 ETH'),
  });
  expect(funded.text).not.toContain(devchain.accounts.outsider.privateKey.slice(2));

  await expect(run(withdrawCommand, ['--yes'])).rejects.toThrow('lp-signer unlock begins one');
  const unlocked = await run(unlockCommand, ['--yes']);
  expect(unlocked.text).toMatch(/begin the unlock period; withdraw from round \d+ on/);
  expect(unlocked.text).toMatch(/now .*, unlock in progress: withdraw from round \d+ on, 2 rounds from now/);
  await expect(run(unlockCommand, ['--yes'])).rejects.toThrow(
    /^an unlock was begun before: in progress: .*; lp-signer unlock --cancel takes it back$/,
  );
  await expect(run(withdrawCommand, ['--yes'])).rejects.toThrow(
    /^not yet, an unlock is in progress: .* 2 rounds from now$/,
  );
  expect(await run(unlockCommand, ['--cancel', '--yes'])).toMatchObject({ code: 0 });
  await run(unlockCommand, ['--yes']);
  for (let round = 0; round < 2; round++) {
    await devchain.mineToNextRound();
    await devchain.initializeRound();
  }
  expect(await run(withdrawCommand, ['--yes'])).toMatchObject({
    code: 0,
    text: expect.stringContaining('now       deposit 0 ETH, reserve 0 ETH'),
  });
});

test('the password may come from a variable, as for the signer', async () => {
  const at = flags.indexOf('--password-file');
  const withoutFile = flags.toSpliced(at, 2);
  let text = '';
  const to = { out: (more: string) => void (text += more), err: expect.unreachable };
  vi.stubEnv('LP_SIGNER_KEYSTORE_PASSWORD', 'right');
  try {
    expect(await fundCommand([...withoutFile, '--deposit-eth', '0.5', '--dry-run'], to)).toBe(0);
  } finally {
    vi.unstubAllEnvs();
  }
  expect(text).toContain('would     add 0.5 ETH to the deposit\n');
});

test('what cannot be is said before anything is sent', async () => {
  await expect(run(fundCommand, [])).rejects.toMatchObject({ exitCode: 2 });
  await expect(run(fundCommand, ['--deposit-eth', '1/3'])).rejects.toThrow('no whole number of wei');
  await expect(run(fundCommand, ['--deposit-eth', '1000000', '--yes'])).rejects.toThrow('send it ETH first');
  await expect(run(unlockCommand, ['--yes'])).rejects.toThrow('lp-signer fund puts some in');
  expect((await run(fundCommand, ['--help'])).text).toContain('--deposit-eth');
});
