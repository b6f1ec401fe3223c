import type { Database } from './open-database.ts';

/** Rows looked at per step. */
const CHUNK = 1000;
/** Counters of windows that ended this long ago count for nothing. */
const COUNTER_KEPT_MS = 48 * 3_600_000;

/** Forgets what has expired in one table. */
export interface TableSweeper {
  /** Looks at the next rows and says how many went; `undefined` at the end, from where the next step begins anew. */
  step(nowMs: number): number | undefined;
}

/**
 * Sweepers of the tables, a chunk at a time, round and round: an index on expiry would cost a write per answer.
 */
export function tableSweepers(database: Database): readonly TableSweeper[] {
  return [
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
    let at = start;
    return {
      step(nowMs) {
        const to = end.get(at) as string | Buffer | null;
        if (to === null) {
          at = start;
          return undefined;
        }
        const removed = remove.run(at, to, expired(nowMs)).changes;
        at = to;
        return removed;
      },
    };
  });
}
