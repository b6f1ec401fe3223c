import { PGlite } from '@electric-sql/pglite';
import { systemClock } from '@lp/runtime';
import { afterAll, beforeAll } from 'vitest';
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
