import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@lp/pm';
import { systemClock } from '@lp/runtime';
import { simulatedClock } from '@lp/runtime/testing';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore } from '../src/ledger/open-ledger.ts';
import { SignerLedger } from '../src/ledger/signer-ledger.ts';
import { ANSWER_COLUMNS } from '../src/ledger/sqlite/answer-rows.ts';
import { openDatabase } from '../src/ledger/sqlite/open-database.ts';
import { MIGRATIONS } from '../src/ledger/sqlite/schema.ts';
import { sqliteStore } from '../src/ledger/sqlite/sqlite-store.ts';
import { issueFor, type LedgerHome, ledgerSuite } from './ledger-suite.ts';

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

test('a Postgres URL that is none is refused without being shown', async () => {
  const options = { ledger: 'postgres', dataDir: '', postgresUrl: 'user:hunter2@host/name' } as const;
  await expect(openStore(options, '0x1', systemClock)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.not.stringContaining('hunter2'),
  });
});

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

test('one sweep forgets thousands of nonces, so that the file keeps up with what is paid', async () => {
  const own = await home();
  const store = await own.open();
  const randHash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
  const forget = async (rows: number) => {
    await store.run({
      keys: {},
      apply: (tables) => {
        for (let n = 0; n < rows; n++) tables.putNonce(randHash(n), 1, 1000);
        tables.putNonce(randHash(rows), 1, 3000);
      },
    });
    return store.sweep(2000);
  };
  expect(await forget(12_000)).toBe(12_000);
  expect(await store.read({ keys: {}, apply: (tables) => tables.nonce(randHash(12_000)) })).toBe(1);
  expect(await forget(12_000)).toBe(12_000); // from the start again
  await store.close();
  await own.close();
});

test('a ledger of the first version is upgraded; open answers are found without reading the waiting ones', async () => {
  const own = await home();
  const before = new Sqlite(own.file);
  before.exec(MIGRATIONS[0] ?? '');
  before.pragma('user_version = 1');
  before.close();
  const { database } = openDatabase(own.file, '0xsender');
  expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  const plan = database
    .prepare(
      `EXPLAIN QUERY PLAN SELECT ${ANSWER_COLUMNS} FROM answer WHERE settled = 0 AND usable_until_ms < 1`,
    )
    .all() as { detail: string }[];
  expect(plan.map(({ detail }) => detail).join()).toContain('USING INDEX answer_open');
  database.close();
  await own.close();
});

test.each(['', '-wal'])(
  'a file%s that is deleted or replaced under the signer is not written on to',
  async (part) => {
    const own = await home();
    const store = await own.open();
    const credit = () => store.run({ keys: {}, apply: (tables) => tables.putBalance('alice', 1n) });
    await credit();
    const file = `${own.file}${part}`;
    await rename(file, `${file}.away`);
    const moved = expect.objectContaining({
      code: 'ledger-failed',
      message: expect.stringContaining('put the file back'),
    });
    await expect(credit()).rejects.toThrow(moved);
    expect(store.failure).toEqual(moved);
    await copyFile(`${file}.away`, file);
    await expect(credit()).rejects.toThrow(moved);
    await rename(`${file}.away`, file);
    await credit();
    expect(store.failure).toBeUndefined();
    await store.close();
    await own.close();
  },
);

test('what could not be settled is settled later, also where no other payment comes', async () => {
  const own = await home();
  const clock = simulatedClock();
  const store = sqliteStore(own.file, { sender: '0xsender', clock });
  const ledger = new SignerLedger(store, { sharedKey: false });
  const outcome = await ledger.begin(issueFor({ identity: 'alice', params: 1, nowMs: clock.wallMs() }));
  if (outcome.kind !== 'sign') return expect.fail(outcome.kind);
  await rename(own.file, `${own.file}.away`);
  ledger.settle(outcome.hold);
  await clock.advance(1000);
  expect(store.failure).toMatchObject({ code: 'ledger-failed' });
  await rename(`${own.file}.away`, own.file);
  await clock.advance(5000);
  expect(store.failure).toBeUndefined();
  const other = await own.open();
  expect(await other.unsettledAnswers(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  await other.close();
  await store.close();
  await own.close();
});

test('what is no ledger ends the start, and says what to do', async () => {
  const own = await home();
  const cannot = (file: string, sender: string | undefined, advice: string) =>
    expect(() => sqliteStore(file, { sender, clock: systemClock })).toThrow(
      expect.objectContaining({ code: 'ledger-setup', message: expect.stringContaining(advice) }),
    );
  cannot(tmpdir(), '0xsender', '--data-dir');
  cannot(own.file, undefined, '--data-dir');
  await writeFile(own.file, 'no database, '.repeat(100));
  cannot(own.file, '0xsender', 'put a copy back');
  await own.close();
});
