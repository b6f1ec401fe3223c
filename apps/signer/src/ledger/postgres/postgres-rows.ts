import type {
  AccountEntry,
  AnswerRow,
  CounterRow,
  RowKeys,
  Rows,
  SessionRow,
  UsageKey,
  UsageSums,
} from '../rows.ts';
import { addSums, usageKeyText } from '../usage-sums.ts';
import {
  ANSWER,
  type AnswerColumns,
  ENTRY,
  type EntryColumns,
  readAnswer,
  readEntry,
  readSession,
  SESSION,
  SESSION_TYPES,
  SESSION_UPDATES,
  type SessionColumns,
  toBigInt,
  toHex,
  USAGE_CONFLICT,
  USAGE_TYPES,
  writeAnswer,
  writeSession,
  writeUsage,
} from './columns.ts';
import type { Connection } from './connections.ts';

/** The rows of one transaction: read before it, changed in memory, written after it. */
export interface LoadedRows extends Rows {
  /** Writes every change. */
  write(): Promise<void>;
}

/** Reads all rows that `keys` name, a statement for each table that is named. */
export async function loadRows(
  connection: Connection,
  schema: string,
  keys: readonly RowKeys[],
): Promise<LoadedRows> {
  const sessions = new Map<string, SessionRow | undefined>();
  const openedBy = new Map<string, string>();
  const removedSessions = new Set<string>();
  const changedSessions = new Set<string>();
  const nonces = new Map<string, number>();
  const changedNonces = new Map<string, number>();
  const counters = new Map<string, CounterRow>();
  const changedCounters = new Set<string>();
  const balances = new Map<string, bigint>();
  const changedBalances = new Set<string>();
  const answers = new Map<string, AnswerRow>();
  const addedAnswers = new Set<string>();
  const settledAnswers = new Set<string>();
  const removedAnswers = new Set<string>();
  const entries = new Map<string, AccountEntry>();
  const addedEntries: AccountEntry[] = [];
  const usage = new Map<string, { key: UsageKey; added: UsageSums }>();

  const wanted = (pick: (one: RowKeys) => readonly string[] | undefined) => [
    ...new Set(keys.flatMap((one) => pick(one) ?? [])),
  ];
  const load = async <R>(
    columns: string,
    where: string,
    values: readonly string[],
  ): Promise<readonly R[]> => {
    if (values.length === 0) return [];
    const { rows } = await connection.query(`SELECT ${columns} FROM ${schema}.${where} = ANY($1::text[])`, [
      values,
    ]);
    return rows as readonly R[]; // the columns asked for
  };
  const keepSession = (row: SessionRow): void => {
    sessions.set(row.stateId, row);
    if (row.opening !== undefined) openedBy.set(toHex(row.opening), row.stateId);
  };
  const [stateIds, openings] = [wanted((one) => one.sessions), wanted((one) => one.openings?.map(toHex))];
  for (const row of await load<SessionColumns>(SESSION, 'session WHERE state_id', stateIds)) {
    keepSession(readSession(row));
  }
  for (const row of await load<SessionColumns>(SESSION, 'session WHERE opening', openings)) {
    keepSession(readSession(row));
  }
  for (const row of await load<{ rand_hash: string; last: unknown }>(
    'rand_hash, last',
    'nonce WHERE rand_hash',
    wanted((one) => one.nonces),
  )) {
    nonces.set(row.rand_hash, Number(row.last));
  }
  for (const row of await load<{ key: string } & Record<'window_ms' | 'wei' | 'openings', unknown>>(
    'key, window_ms, wei, openings',
    'counter WHERE key',
    wanted((one) => one.counters),
  )) {
    counters.set(row.key, {
      windowMs: Number(row.window_ms),
      wei: toBigInt(row.wei),
      openings: toBigInt(row.openings),
    });
  }
  for (const row of await load<{ identity: string; balance_wei: unknown }>(
    'identity, balance_wei',
    'account WHERE identity',
    wanted((one) => one.accounts),
  )) {
    balances.set(row.identity, toBigInt(row.balance_wei));
  }
  for (const row of await load<AnswerColumns>(
    ANSWER,
    'answer WHERE id',
    wanted((one) => one.answers?.map(toHex)),
  )) {
    answers.set(row.id, readAnswer(row));
  }
  for (const row of await load<EntryColumns>(
    ENTRY,
    'account_entry WHERE reference',
    wanted((one) => one.references),
  )) {
    entries.set(row.reference, readEntry(row));
  }

  const putAll = async (
    table: string,
    columns: string,
    conflict: string,
    rows: readonly Record<string, unknown>[],
  ): Promise<void> => {
    if (rows.length === 0) return;
    const names = columns.split(',').map((column) => column.trim().split(' ')[0] ?? '');
    const values = names.map((name) => (name === 'state' ? `decode(state, 'hex')` : name)).join(', ');
    await connection.query(
      `INSERT INTO ${schema}.${table} AS present (${names.join(', ')})
       SELECT ${values} FROM jsonb_to_recordset($1::text::jsonb) AS given (${columns}) ${conflict}`,
      [JSON.stringify(rows)],
    );
  };
  const removeAll = async (table: string, key: string, ids: readonly string[]): Promise<void> => {
    if (ids.length > 0)
      await connection.query(`DELETE FROM ${schema}.${table} WHERE ${key} = ANY($1::text[])`, [ids]);
  };

  return {
    session: (stateId) => sessions.get(stateId),
    sessionOpenedBy(opening) {
      const stateId = openedBy.get(toHex(opening));
      return stateId === undefined ? undefined : sessions.get(stateId);
    },
    putSession(row) {
      keepSession(row);
      changedSessions.add(row.stateId);
      removedSessions.delete(row.stateId);
    },
    removeSession(stateId) {
      sessions.delete(stateId);
      changedSessions.delete(stateId);
      removedSessions.add(stateId);
    },
    nonce: (randHash) => nonces.get(randHash) ?? 0,
    putNonce(randHash, last, keepUntilMs) {
      nonces.set(randHash, Math.max(last, nonces.get(randHash) ?? 0));
      changedNonces.set(randHash, keepUntilMs);
    },
    counter: (key) => counters.get(key),
    putCounter(key, row) {
      counters.set(key, row);
      changedCounters.add(key);
    },
    balance: (identity) => balances.get(identity),
    putBalance(identity, wei) {
      balances.set(identity, wei);
      changedBalances.add(identity);
    },
    addUsage(key, sums) {
      const text = usageKeyText(key);
      const kept = usage.get(text);
      usage.set(text, { key, added: kept === undefined ? sums : addSums(kept.added, sums) });
    },
    answer: (id) => answers.get(toHex(id)),
    addAnswer(row) {
      const id = toHex(row.id);
      answers.set(id, row);
      addedAnswers.add(id);
    },
    settleAnswer(id) {
      const key = toHex(id);
      const known = answers.get(key);
      if (known !== undefined) answers.set(key, { ...known, settled: true });
      settledAnswers.add(key);
    },
    removeAnswer(id) {
      answers.delete(toHex(id));
      addedAnswers.delete(toHex(id));
      removedAnswers.add(toHex(id));
    },
    accountEntry: (reference) => entries.get(reference),
    addAccountEntry(entry) {
      entries.set(entry.reference, entry);
      addedEntries.push(entry);
    },
    async write() {
      await removeAll('session', 'state_id', [...removedSessions]);
      await putAll(
        'session',
        SESSION_TYPES,
        `ON CONFLICT (state_id) DO UPDATE SET ${SESSION_UPDATES}`,
        [...changedSessions].flatMap((stateId) => writeSession(sessions.get(stateId))),
      );
      await putAll(
        'nonce',
        'rand_hash text, last bigint, keep_until_ms bigint',
        'ON CONFLICT (rand_hash) DO UPDATE SET last = excluded.last, keep_until_ms = excluded.keep_until_ms',
        [...changedNonces].map(([randHash, keepUntilMs]) => ({
          rand_hash: randHash,
          last: nonces.get(randHash),
          keep_until_ms: keepUntilMs,
        })),
      );
      await putAll(
        'counter',
        'key text, window_ms bigint, wei numeric, openings numeric',
        'ON CONFLICT (key) DO UPDATE SET window_ms = excluded.window_ms, wei = excluded.wei, openings = excluded.openings',
        [...changedCounters].flatMap((key) => {
          const row = counters.get(key);
          return row === undefined
            ? []
            : [{ key, window_ms: row.windowMs, wei: `${row.wei}`, openings: `${row.openings}` }];
        }),
      );
      await putAll(
        'account',
        'identity text, balance_wei numeric',
        'ON CONFLICT (identity) DO UPDATE SET balance_wei = excluded.balance_wei',
        [...changedBalances].map((identity) => ({
          identity,
          balance_wei: `${balances.get(identity) ?? 0n}`,
        })),
      );
      await putAll('usage', USAGE_TYPES, USAGE_CONFLICT, [...usage.values()].map(writeUsage));
      await putAll(
        'answer',
        'id text, state_id text, sequence numeric, charge text, event text, usable_until_ms bigint, settled boolean',
        '',
        [...addedAnswers].flatMap((id) => writeAnswer(id, answers.get(id))),
      );
      if (settledAnswers.size > 0) {
        const ids = [...settledAnswers];
        await connection.query(`DELETE FROM ${schema}.answer WHERE id = ANY($1::text[]) AND event IS NULL`, [
          ids,
        ]);
        await connection.query(`UPDATE ${schema}.answer SET settled = true WHERE id = ANY($1::text[])`, [
          ids,
        ]);
      }
      await removeAll('answer', 'id', [...removedAnswers]);
      await putAll(
        'account_entry',
        'at_ms bigint, identity text, wei numeric, balance_after_wei numeric, reference text, note text',
        '',
        addedEntries.map(({ atMs, identity, wei, balanceAfterWei, reference, note }) => ({
          at_ms: atMs,
          identity,
          wei: `${wei}`,
          balance_after_wei: `${balanceAfterWei}`,
          reference,
          note,
        })),
      );
    },
  };
}
