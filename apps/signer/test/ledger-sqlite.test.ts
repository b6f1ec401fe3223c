import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@lp/runtime';
import { expect, test } from 'vitest';
import { sqliteStore } from '../src/ledger/sqlite/sqlite-store.ts';
import { type LedgerHome, ledgerSuite } from './ledger-suite.ts';

async function home(): Promise<LedgerHome & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lp-ledger-'));
  const file = join(folder, 'signer.sqlite');
  return {
    file,
    open: async () => sqliteStore(file, { sender: '0xsender', clock: systemClock }),
    close: () => rm(folder, { recursive: true }),
  };
}

ledgerSuite(home, 60);

test('a ledger belongs to one key', async () => {
  const own = await home();
  const { file } = own;
  await (await own.open()).close();
  expect(() => sqliteStore(file, { sender: '0xother', clock: systemClock })).toThrow(
    expect.objectContaining({
      code: 'ledger-setup',
      exitCode: 2,
      message: expect.stringContaining('belongs to'),
    }),
  );
  await own.close();
});

test('a folder that is no file of a ledger ends the start', () => {
  expect(() => sqliteStore(tmpdir(), { sender: '0xsender', clock: systemClock })).toThrow(
    expect.objectContaining({ code: 'ledger-setup' }),
  );
});
