import type { Clock } from '@lp/runtime';
import { LedgerFailedError, type LedgerStore } from '../store.ts';
import {
  ANSWER,
  type AnswerColumns,
  ENTRY,
  type EntryColumns,
  readAnswer,
  readEntry,
  readUsage,
  toBigInt,
  toHex,
  type UsageColumns,
} from './columns.ts';
import type { Connection, Connections } from './connections.ts';
import { groupTransaction } from './group-transaction.ts';
import { openDatabase } from './open-database.ts';
import { loadRows } from './postgres-rows.ts';

/** Counters of windows that ended this long ago count for nothing. */
const COUNTER_KEPT_MS = 48 * 3_600_000;
/** Rows that one statement takes of a table, and statements of one sweep. */
const CHUNK = 5000;
const MOST_STATEMENTS = 20;

/**
 * The ledger in Postgres, for any number of signers of one key.
 *
 * @param options.sender whose ledger it is; `undefined` opens one that exists, whoever's it is.
 * @throws LedgerSetupError
 */
export async function postgresStore(
  connections: Connections,
  options: { readonly sender: string | undefined; readonly clock: Clock; readonly schema?: string },
): Promise<LedgerStore> {
  const { clock, schema = 'lp_signer' } = options;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new TypeError('a schema name needs no quotes');
  let sender: string;
  try {
    sender = await openDatabase(connections, schema, options.sender);
  } catch (error) {
    await connections.end();
    throw error;
  }
  const group = groupTransaction(connections, schema, clock);

  const withConnection = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    let connection: Connection | undefined;
    try {
      connection = await connections.connect();
      const result = await work(connection);
      connection.release();
      return result;
    } catch (cause) {
      connection?.release(cause instanceof Error ? cause : new Error('the query failed'));
      throw new LedgerFailedError('the ledger could not be read; try again', { cause });
    }
  };
  const query = <R>(text: string, values: readonly unknown[]): Promise<readonly R[]> =>
    // the columns asked for
    withConnection(async (connection) => (await connection.query(text, values)).rows as readonly R[]);

  return {
    sender,
    run: (operation) => group.run(operation),
    runLater: (operation) => group.runLater(operation),
    read: ({ keys, apply }) =>
      withConnection(async (connection) => apply(await loadRows(connection, schema, [keys]))),
    async unsettledAnswers(usableBeforeMs, most) {
      const rows = await query<AnswerColumns>(
        `SELECT ${ANSWER} FROM ${schema}.answer WHERE NOT settled AND usable_until_ms < $1 LIMIT $2`,
        [usableBeforeMs, most],
      );
      return rows.map(readAnswer);
    },
    async sweep(nowMs) {
      let removed = 0;
      for (const [table, key, condition, before] of [
        ['session', 'state_id', 'keep_until_ms < $1', nowMs],
        ['nonce', 'rand_hash', 'keep_until_ms < $1', nowMs],
        ['counter', 'key', 'window_ms > 0 AND window_ms < $1', nowMs - COUNTER_KEPT_MS],
      ] as const) {
        // under the lock of a transaction would be safer than needed: what has expired is touched by nobody
        for (let statements = 0; statements < MOST_STATEMENTS; statements++) {
          const rows = await query(
            `DELETE FROM ${schema}.${table} WHERE ${key} IN
               (SELECT ${key} FROM ${schema}.${table} WHERE ${condition} LIMIT ${CHUNK}) AND ${condition} RETURNING 1`,
            [before],
          );
          removed += rows.length;
          if (rows.length < CHUNK) break;
        }
      }
      return removed;
    },
    async waitingEvents(most) {
      const rows = await query<{ id: string; event: string }>(
        `SELECT id, event FROM ${schema}.answer WHERE settled AND event IS NOT NULL ORDER BY id LIMIT $1`,
        [most],
      );
      return rows.map(({ id, event }) => ({ id: Buffer.from(id, 'hex'), event }));
    },
    async removeEvents(ids) {
      await query(`DELETE FROM ${schema}.answer WHERE settled AND id = ANY($1::text[])`, [ids.map(toHex)]);
    },
    async usage(fromMs, toMs) {
      const rows = await query<UsageColumns>(
        `SELECT * FROM ${schema}.usage WHERE hour_ms >= $1 AND hour_ms < $2
         ORDER BY hour_ms, identity, app, orchestrator, recipient, model, unit`,
        [fromMs, toMs],
      );
      return rows.map(readUsage);
    },
    async accounts() {
      const rows = await query<{ identity: string; balance_wei: unknown }>(
        `SELECT identity, balance_wei FROM ${schema}.account ORDER BY identity`,
        [],
      );
      return rows.map((row) => ({ identity: row.identity, balanceWei: toBigInt(row.balance_wei) }));
    },
    async accountEntries(identity, most) {
      const rows = await query<EntryColumns>(
        `SELECT ${ENTRY} FROM ${schema}.account_entry WHERE identity = $1 ORDER BY seq DESC LIMIT $2`,
        [identity, most],
      );
      return rows.map(readEntry);
    },
    get failure() {
      return group.failure;
    },
    async close() {
      await group.close();
      await connections.end();
    },
  };
}
