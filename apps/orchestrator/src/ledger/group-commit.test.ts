import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedClock } from '@lp/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, DatabaseVersionError, openDatabase } from './database.ts';
import { type GroupCommit, groupCommit, LedgerFailedError } from './group-commit.ts';

let folder: string;
let database: Database;
let group: GroupCommit;
let failures: LedgerFailedError[];
const clock = simulatedClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-group-'));
  database = openDatabase(join(folder, 'a.db'));
  database.exec('CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT');
  failures = [];
  group = groupCommit(database, clock, (error) => failures.push(error));
});
afterEach(() => {
  group.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const insert = (n: number) => () => database.prepare('INSERT INTO t VALUES (?)').run(n).changes;
/** What a reader finds after a crash at this moment. */
const afterCrash = (): number[] => {
  for (const suffix of ['', '-wal'])
    copyFileSync(join(folder, `a.db${suffix}`), join(folder, `b.db${suffix}`));
  const copy = openDatabase(join(folder, 'b.db'));
  const rows = copy.prepare<[], { n: number }>('SELECT n FROM t ORDER BY n').all();
  copy.close();
  return rows.map(({ n }) => n);
};

describe('groupCommit', () => {
  it('acknowledges after the commit, all operations of a turn together', async () => {
    const first = group.run(insert(1));
    const second = group.run(insert(2));
    expect(afterCrash()).toEqual([]);
    expect(await first).toBe(1);
    expect(afterCrash()).toEqual([1, 2]);
    await second;
  });

  it('lets an operation see what earlier ones of its group wrote', async () => {
    const both = Promise.all([
      group.run(insert(1)),
      group.run(() => database.prepare<[], { c: number }>('SELECT count(*) AS c FROM t').get()?.c),
    ]);
    expect(await both).toEqual([1, 1]);
  });

  it('undoes the whole group when one operation fails, and goes on', async () => {
    const good = group.run(insert(1));
    const bad = group.run(() => {
      throw new Error('disk full');
    });
    await expect(bad).rejects.toBeInstanceOf(LedgerFailedError);
    await expect(good).rejects.toBeInstanceOf(LedgerFailedError);
    expect(failures).toHaveLength(1);
    expect(group.failure).toBe(failures[0]);
    await group.run(insert(2));
    expect(group.failure).toBeUndefined();
    expect(afterCrash()).toEqual([2]);
  });

  it('rejects everyone when the commit itself fails', async () => {
    database.exec(`
      CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
      PRAGMA foreign_keys = ON`);
    const good = group.run(insert(1));
    const bad = group.run(() => database.prepare('INSERT INTO child VALUES (9)').run());
    await expect(good).rejects.toBeInstanceOf(LedgerFailedError);
    await expect(bad).rejects.toBeInstanceOf(LedgerFailedError);
    expect(afterCrash()).toEqual([]);
    await group.run(insert(3));
    expect(afterCrash()).toEqual([3]);
  });

  it('writes deferred operations within 50 ms, or with the next group', async () => {
    group.runDeferred(insert(1));
    expect(afterCrash()).toEqual([]);
    await clock.advance(50);
    expect(afterCrash()).toEqual([1]);
    group.runDeferred(insert(2));
    await group.run(insert(3));
    expect(afterCrash()).toEqual([1, 2, 3]);
    await clock.advance(100);
  });

  it('commits what is open when it closes, and refuses afterwards', async () => {
    group.runDeferred(insert(1));
    const waiting = group.run(insert(2));
    group.close();
    await waiting;
    expect(afterCrash()).toEqual([1, 2]);
    await expect(group.run(insert(3))).rejects.toBeInstanceOf(LedgerFailedError);
    expect(clock.pending).toBe(0);
  });
});

describe('openDatabase', () => {
  it('refuses a file of a newer version', () => {
    const file = join(folder, 'new.db');
    const newer = openDatabase(file);
    newer.pragma('user_version = 99');
    newer.close();
    expect(() => openDatabase(file)).toThrow(DatabaseVersionError);
  });

  it('is durable: write-ahead log, full synchronisation, one process', () => {
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
    expect(() => openDatabase(join(folder, 'a.db'))).toThrow(/locked/);
  });
});
