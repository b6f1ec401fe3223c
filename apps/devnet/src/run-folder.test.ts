import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEV_ACCOUNTS } from '@lp/devchain';
import { readKeystore } from '@lp/pm/chain';
import { afterAll, expect, it } from 'vitest';
import { createRunFolder } from './run-folder.ts';

const base = mkdtempSync(join(tmpdir(), 'lp-run-folder-'));
afterAll(() => rmSync(base, { recursive: true }));
const mode = (path: string): number => statSync(path).mode & 0o777;

it('keeps secrets to this user and removes them at the end', async () => {
  const [, sender] = DEV_ACCOUNTS;
  let path: string;
  {
    await using folder = await createRunFolder(join(base, '.lp'));
    ({ path } = folder);
    expect(mode(path)).toBe(0o700);
    const secret = await folder.secret('word', 'xyzzy');
    const key = await folder.keystore('signer', sender);
    for (const file of [secret, key.keystore, key.password]) expect(mode(file)).toBe(0o600);
    expect(readFileSync(secret, 'utf8')).toBe('xyzzy');
    const password = readFileSync(key.password, 'utf8');
    expect(password.length).toBeGreaterThanOrEqual(32);
    expect(await readKeystore(readFileSync(key.keystore, 'utf8'), password)).toBe(sender.privateKey);
    await expect(folder.secret('word', 'again')).rejects.toThrow('EEXIST');
  }
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(join(base, '.lp'))).toEqual(['logs']);
});
