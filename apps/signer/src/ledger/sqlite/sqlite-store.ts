import type { Clock } from '@lp/runtime';
import type { AnswerRow, Rows } from '../rows.ts';
import { LedgerFailedError, type LedgerStore, type UsageRow } from '../store.ts';
import { type EntryColumns, readAccountEntry } from './account-entry-rows.ts';
import { ANSWER_COLUMNS, readAnswer } from './answer-rows.ts';
import { fileGuard } from './file-guard.ts';
import { groupCommit } from './group-commit.ts';
import { openDatabase } from './open-database.ts';
import { sqliteRows } from './sqlite-rows.ts';
import { tableSweepers } from './sweep.ts';

/** Steps of one sweep: with one every ten seconds, two thousand rows of a table a second. */
const MOST_STEPS = 20;

/**
 * The ledger in a SQLite file; `:memory:` for one that ends with the process.
 *
 * @param options.sender whose ledger it is; `undefined` opens one that exists, whoever's it is.
 * @throws LedgerSetupError
 */
export function sqliteStore(
  file: string,
  options: { readonly sender: string | undefined; readonly clock: Clock },
): LedgerStore {
  const { database, sender } = openDatabase(file, options.sender);
  const rows = sqliteRows(database);
  const group = groupCommit(database, options.clock, {
    beforeBegin: fileGuard(file),
    beforeCommit: () => rows.writeBack(),
    afterEnd: () => rows.forget(),
  });
  const sweepers = tableSweepers(database);

  const unsettled = database
    .prepare(`SELECT ${ANSWER_COLUMNS} FROM answer WHERE settled = 0 AND usable_until_ms < ? LIMIT ?`)
    .raw();
  const waiting = database.prepare(
    'SELECT id, event FROM answer WHERE settled = 1 AND event IS NOT NULL ORDER BY id LIMIT ?',
  );
  const removeEvent = database.prepare('DELETE FROM answer WHERE id = ? AND settled = 1');
  const usage = database.prepare(
    `SELECT * FROM usage WHERE hour_ms >= ? AND hour_ms < ?
     ORDER BY hour_ms, identity, app, orchestrator, recipient, model, unit`,
  );
  const accounts = database.prepare('SELECT identity, balance_wei FROM account ORDER BY identity');
  const entries = database.prepare(
    'SELECT * FROM account_entry WHERE identity = ? ORDER BY seq DESC LIMIT ?',
  );

  /** A query that sees what was recorded: what is open is committed first. */
  const query = async <T>(read: () => T): Promise<T> => {
    group.flush();
    try {
      return read();
    } catch (cause) {
      throw new LedgerFailedError('the ledger could not be read', { cause });
    }
  };
  const inGroup = <T>(apply: (rows: Rows) => T) => group.run(() => apply(rows));

  return {
    sender,
    run: ({ apply }) => inGroup(apply),
    runLater: ({ apply }) => group.runLater(() => apply(rows)),
    async read({ apply }) {
      try {
        return apply(rows);
      } catch (cause) {
        throw new LedgerFailedError('the ledger could not be read', { cause });
      }
    },
    unsettledAnswers: (usableBeforeMs, most) =>
      query(() =>
        // the columns asked for
        (unsettled.all(usableBeforeMs, most) as Parameters<typeof readAnswer>[0][]).map(
          (columns) => readAnswer(columns) as AnswerRow, // a row that was found
        ),
      ),
    async sweep(nowMs) {
      let removed = 0;
      for (const sweeper of sweepers) {
        for (let steps = 0; steps < MOST_STEPS; steps++) {
          // a group each: answers go in between
          const went = await group.run(() => sweeper.step(nowMs));
          if (went === undefined) break;
          removed += went;
        }
      }
      return removed;
    },
    waitingEvents: (most) => query(() => waiting.all(most) as { id: Buffer; event: string }[]),
    removeEvents: (ids) =>
      group.run(() => {
        for (const id of ids) removeEvent.run(id);
      }),
    usage: (fromMs, toMs) => query(() => (usage.all(fromMs, toMs) as UsageColumns[]).map(readUsage)),
    accounts: () =>
      query(() =>
        (accounts.all() as { identity: string; balance_wei: string }[]).map((row) => ({
          identity: row.identity,
          balanceWei: BigInt(row.balance_wei),
        })),
      ),
    accountEntries: (identity, most) =>
      query(() => (entries.all(identity, most) as EntryColumns[]).map(readAccountEntry)),
    get failure() {
      return group.failure;
    },
    async close() {
      group.close();
      database.close();
    },
  };
}

interface UsageColumns {
  readonly hour_ms: number;
  readonly identity: string;
  readonly app: string;
  readonly orchestrator: string;
  readonly recipient: string;
  readonly model: string;
  readonly unit: string;
  readonly answers: string;
  readonly openings: string;
  readonly tickets: string;
  readonly units: string;
  readonly ev_wei: string;
  readonly fee_wei: string;
}

function readUsage(row: UsageColumns): UsageRow {
  const { identity, app, orchestrator, recipient, model, unit } = row;
  return {
    hourMs: row.hour_ms,
    identity,
    app,
    orchestrator,
    recipient,
    model,
    unit,
    answers: BigInt(row.answers),
    openings: BigInt(row.openings),
    tickets: BigInt(row.tickets),
    units: BigInt(row.units),
    evWei: BigInt(row.ev_wei),
    feeWei: BigInt(row.fee_wei),
  };
}
