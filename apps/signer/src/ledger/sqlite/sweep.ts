import type { Database } from './open-database.ts';

/** Rows looked at per table and call. */
const CHUNK = 1000;
/** Counters of windows that ended this long ago count for nothing. */
const COUNTER_KEPT_MS = 48 * 3_600_000;

/**
 * Forgets what has expired, a chunk of each table per call, round and round: an index on expiry would cost a write per
 * answer.
 */
export function rowSweeper(database: Database): (nowMs: number) => number {
  const tables = [
    { name: 'session', key: 'state_id', expired: (nowMs: number) => nowMs, column: 'keep_until_ms' },
    { name: 'nonce', key: 'rand_hash', expired: (nowMs: number) => nowMs, column: 'keep_until_ms' },
    {
      name: 'counter',
      key: 'key',
      expired: (nowMs: number) => nowMs - COUNTER_KEPT_MS,
      column: 'window_ms',
    },
  ].map(({ name, key, expired, column }) => {
    const keep = name === 'counter' ? 'AND window_ms > 0' : ''; // 0 is the window without end
    const end = database
      .prepare(
        `SELECT max(k) FROM (SELECT ${key} AS k FROM ${name} WHERE ${key} > ? ORDER BY ${key} LIMIT ${CHUNK})`,
      )
      .pluck();
    const remove = database.prepare(
      `DELETE FROM ${name} WHERE ${key} > ? AND ${key} <= ? AND ${column} < ? ${keep}`,
    );
    const start: string | Buffer = name === 'nonce' ? Buffer.alloc(0) : '';
    return { end, remove, expired, start, at: start };
  });
  return (nowMs) => {
    let removed = 0;
    for (const table of tables) {
      const end = table.end.get(table.at) as string | Buffer | null;
      if (end === null) {
        table.at = table.start; // the end: once more from the start at the next call
        continue;
      }
      removed += table.remove.run(table.at, end, table.expired(nowMs)).changes;
      table.at = end;
    }
    return removed;
  };
}
