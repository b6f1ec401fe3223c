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
   * Drops entries of accounts that were closed before `beforeMs`, looking at the oldest 20,000; their totals stay in the
   * account.
   */
  compact(beforeMs: number): number;
}

/** Bounds the time that one clean-up holds the event loop. */
const MAX_COMPACTED = 20_000;

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
  const compact = database.prepare<[number, number, number]>(
    `DELETE FROM journal WHERE seq IN (
       SELECT seq FROM (SELECT seq, sender, manifest, at_ms FROM journal ORDER BY seq LIMIT ?) AS oldest
       WHERE at_ms < ? AND EXISTS (SELECT 1 FROM account WHERE account.manifest = oldest.manifest
         AND account.sender = oldest.sender AND state = 'closed' AND closed_ms < ?))`,
  );
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
    compact: (beforeMs) => compact.run(MAX_COMPACTED, beforeMs, beforeMs).changes,
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
