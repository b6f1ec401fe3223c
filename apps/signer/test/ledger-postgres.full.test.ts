import { randomBytes } from 'node:crypto';
import { systemClock } from '@lp/runtime';
import { expect, test } from 'vitest';
import { NO_BOUNDS } from '../src/ledger/claim.ts';
import { pgConnections } from '../src/ledger/postgres/connections.ts';
import { postgresStore } from '../src/ledger/postgres/postgres-store.ts';
import { SignerLedger } from '../src/ledger/signer-ledger.ts';
import { issueFor, ledgerSuite } from './ledger-suite.ts';

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

  test('a connection that breaks in a transaction fails that, and not the process', async () => {
    const connections = await pgConnections(url);
    const victim = await connections.connect();
    const { rows } = await victim.query('SELECT pg_backend_pid() AS pid');
    const [{ pid }] = rows as [{ pid: number }];
    const other = await connections.connect();
    await other.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
    await expect(victim.query('SELECT 1')).rejects.toThrow(/terminat|not queryable/);
    victim.release(new Error('it broke'));
    other.release();
    const next = await connections.connect();
    expect(await next.query('SELECT 1 AS one')).toMatchObject({ rows: [{ one: 1 }] });
    next.release();
    await connections.end();
  });

  test.each(['repeatable read', 'serializable'])(
    'signers wait for each other, and fail no payment, on a database whose transactions are %s by default',
    async (isolation) => {
      const schema = `test_${randomBytes(8).toString('hex')}`;
      const strict = new URL(url);
      strict.searchParams.set('options', `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`);
      const open = async () =>
        postgresStore(await pgConnections(strict.href), { sender: '0xsender', clock: systemClock, schema });
      const stores = [await open(), await open()];
      const ledgers = stores.map((store) => new SignerLedger(store, { sharedKey: false }));
      const nowMs = 1_800_000_000_000;
      for (let round = 0; round < 10; round++) {
        const both = ledgers.map((ledger, which) =>
          ledger.begin(issueFor({ identity: 'bob', params: 2 * round + which, nowMs, bounds: NO_BOUNDS })),
        );
        expect(await Promise.all(both)).toMatchObject([{ kind: 'sign' }, { kind: 'sign' }]);
      }
      for (const store of stores) await store.close();
      const connections = await pgConnections(url);
      const connection = await connections.connect();
      await connection.query(`DROP SCHEMA ${schema} CASCADE`);
      connection.release();
      await connections.end();
    },
  );
}
