import type { Hex } from '@lp/protocol';
import type { Database } from './database.ts';

/** One operation on an account, as it was recorded. */
export interface JournalEntry {
  readonly atMs: number;
  readonly operation: 'credit' | 'open' | 'tick' | 'close';
  readonly sender: Hex;
  readonly manifestId: string;
  /** Credited or debited; 0 for open and close. */
  readonly quanta: bigint;
  /** Tickets of a credit, units of a tick. */
  readonly units: bigint;
  /** Unit and price of an open, reason of a close. */
  readonly detail: string;
}

/** What the journal says an account amounts to: the check on the account table. */
export interface JournalTotals {
  readonly credited: bigint;
  readonly spent: bigint;
  readonly units: bigint;
  readonly tickets: bigint;
  readonly opens: number;
  readonly closes: number;
}

/** The append-only record of everything that moved value. */
export interface Journal {
  append(entry: JournalEntry): void;
  entries(manifestId: string): readonly JournalEntry[];
  /** Adds the journal up per account; keys are `sender manifest`. */
  replay(): ReadonlyMap<string, JournalTotals>;
  /**
   * Drops entries older than `beforeMs` of accounts that were closed before it, whose totals stay in the account, and of
   * accounts that are gone. Looks at the next `limit` entries from where the last call ended; `more` tells that it did
   * not come to entries that are too young, so that the next call goes on there.
   */
  compact(beforeMs: number, limit?: number): { readonly entries: number; readonly more: boolean };
}

/** Bounds the time that one step of a clean-up holds the event loop. */
const COMPACTED_AT_ONCE = 5_000;

interface JournalRow {
  at_ms: number;
  operation: JournalEntry['operation'];
  sender: string;
  manifest: string;
  quanta: string;
  units: string;
  detail: string;
}

/** The journal of `database`. */
export function journal(database: Database): Journal {
  const append = database.prepare<[number, string, string, string, string, string, string]>(
    `INSERT INTO journal (at_ms, operation, sender, manifest, quanta, units, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const all = database.prepare<[], JournalRow>('SELECT * FROM journal ORDER BY seq');
  const ofManifest = database.prepare<[string], JournalRow>(
    'SELECT * FROM journal WHERE manifest = ? ORDER BY seq',
  );
  const ahead = database.prepare<[number, number], { seq: number; at_ms: number }>(
    'SELECT seq, at_ms FROM journal WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?',
  );
  const compact = database.prepare<[number, number, number, number]>(
    `DELETE FROM journal WHERE seq > ? AND seq <= ? AND at_ms < ? AND NOT EXISTS (
       SELECT 1 FROM account WHERE account.manifest = journal.manifest AND account.sender = journal.sender
         AND NOT (state = 'closed' AND closed_ms < ?))`,
  );
  /** Up to where entries were looked at: those that had to stay must not hide the ones behind them. */
  let compactedTo = 0;
  return {
    append(entry) {
      append.run(
        entry.atMs,
        entry.operation,
        entry.sender,
        entry.manifestId,
        entry.quanta.toString(),
        entry.units.toString(),
        entry.detail,
      );
    },
    entries: (manifestId) => ofManifest.all(manifestId).map(fromRow),
    replay() {
      const totals = new Map<string, JournalTotals>();
      for (const row of all.iterate()) {
        const key = `${row.sender} ${row.manifest}`;
        totals.set(key, add(totals.get(key) ?? NOTHING, fromRow(row)));
      }
      return totals;
    },
    compact(beforeMs, limit = COMPACTED_AT_ONCE) {
      const from = compactedTo;
      const last = ahead.get(from, limit - 1);
      const more = last !== undefined && last.at_ms < beforeMs;
      compactedTo = more ? last.seq : 0;
      const to = last?.seq ?? Number.MAX_SAFE_INTEGER;
      return { entries: compact.run(from, to, beforeMs, beforeMs).changes, more };
    },
  };
}

const NOTHING: JournalTotals = { credited: 0n, spent: 0n, units: 0n, tickets: 0n, opens: 0, closes: 0 };

function add(totals: JournalTotals, entry: JournalEntry): JournalTotals {
  switch (entry.operation) {
    case 'credit':
      return {
        ...totals,
        credited: totals.credited + entry.quanta,
        tickets: totals.tickets + entry.units,
      };
    case 'tick':
      return { ...totals, spent: totals.spent + entry.quanta, units: totals.units + entry.units };
    case 'open':
      return { ...totals, opens: totals.opens + 1 };
    case 'close':
      return { ...totals, closes: totals.closes + 1 };
  }
}

/** The cast names a value that only `append` writes. */
const fromRow = (row: JournalRow): JournalEntry => ({
  atMs: row.at_ms,
  operation: row.operation,
  sender: row.sender as Hex,
  manifestId: row.manifest,
  quanta: BigInt(row.quanta),
  units: BigInt(row.units),
  detail: row.detail,
});
