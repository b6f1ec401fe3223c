import { randomBytes } from 'node:crypto';
import { systemClock } from '@lp/runtime';
import { test } from 'vitest';
import { pgConnections } from '../src/ledger/postgres/connections.ts';
import { postgresStore } from '../src/ledger/postgres/postgres-store.ts';
import { ledgerSuite } from './ledger-suite.ts';

/** A database that these tests may make schemas in: `postgres://user:password@host/name`. */
const url = process.env['LP_POSTGRES_URL'];

if (url === undefined) {
  test.skipIf(!(process.env['LP_REQUIRE'] ?? '').split(',').includes('postgres'))(
    'LP_POSTGRES_URL names a Postgres',
    () => {
      throw new Error('LP_REQUIRE has postgres: set LP_POSTGRES_URL');
    },
  );
} else {
  ledgerSuite(async () => {
    const schema = `test_${randomBytes(8).toString('hex')}`;
    return {
      open: async () =>
        postgresStore(await pgConnections(url), { sender: '0xsender', clock: systemClock, schema }),
      async close() {
        const connections = await pgConnections(url);
        const connection = await connections.connect();
        await connection.query(`DROP SCHEMA ${schema} CASCADE`);
        connection.release();
        await connections.end();
      },
    };
  }, 100);
}
