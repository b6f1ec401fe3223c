import { PGlite } from '@electric-sql/pglite';
import { systemClock } from '@lp/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connections } from '../src/ledger/postgres/connections.ts';
import { postgresStore } from '../src/ledger/postgres/postgres-store.ts';
import { ledgerSuite } from './ledger-suite.ts';

let database: PGlite;
let schemas = 0;
beforeAll(async () => {
  database = await PGlite.create();
});
afterAll(() => database.close());

/** The embedded database has one connection: whoever asks waits until it is free. */
let free: Promise<void> = Promise.resolve();
const connections: Connections = {
  async connect() {
    const before = free;
    const { promise, resolve } = Promise.withResolvers<void>();
    free = promise;
    await before;
    return {
      query: async (text, values = []) => database.query(text, [...values]),
      release(error) {
        if (error === undefined) resolve();
        else void database.query('ROLLBACK').finally(resolve);
      },
    };
  },
  end: async () => {},
};

ledgerSuite(async () => {
  const schema = `test_${++schemas}`;
  return {
    open: () => postgresStore(connections, { sender: '0xsender', clock: systemClock, schema }),
    close: async () => void (await database.query(`DROP SCHEMA ${schema} CASCADE`)),
  };
}, 15);

test.each([
  ['off', 'on'],
  ['local', 'local'],
])(
  'synchronous_commit %s of the database is %s in the ledger: what is committed is on disk',
  async (set, used) => {
    const found: unknown[] = [];
    const watched: Connections = {
      ...connections,
      async connect() {
        const connection = await connections.connect();
        return {
          ...connection,
          async query(text, values) {
            if (text === 'COMMIT') found.push(...(await connection.query('SHOW synchronous_commit')).rows);
            return connection.query(text, values);
          },
        };
      },
    };
    const schema = `test_${++schemas}`;
    await database.query(`SET synchronous_commit = ${set}`);
    const store = await postgresStore(watched, { sender: '0xsender', clock: systemClock, schema });
    await store.run({ keys: {}, apply: (rows) => rows.putBalance('alice', 1n) });
    await store.close();
    await database.query('RESET synchronous_commit');
    expect(found).toEqual([{ synchronous_commit: used }, { synchronous_commit: used }]);
  },
);
