import type { AccountEntry, Rows } from '../rows.ts';
import type { Database } from './open-database.ts';

/** Changes of accounts over prepared statements. */
export function accountEntryRows(database: Database): Pick<Rows, 'accountEntry' | 'addAccountEntry'> {
  const read = database.prepare('SELECT * FROM account_entry WHERE reference = ?');
  const add = database.prepare(
    'INSERT INTO account_entry (at_ms, identity, wei, balance_after_wei, reference, note) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return {
    accountEntry(reference) {
      const columns = read.get(reference) as EntryColumns | undefined; // its columns: the table is STRICT
      return columns === undefined ? undefined : readAccountEntry(columns);
    },
    addAccountEntry({ atMs, identity, wei, balanceAfterWei, reference, note }) {
      add.run(atMs, identity, wei.toString(), balanceAfterWei.toString(), reference, note);
    },
  };
}

/** An account entry as SQLite gives it. */
export interface EntryColumns {
  readonly at_ms: number;
  readonly identity: string;
  readonly wei: string;
  readonly balance_after_wei: string;
  readonly reference: string;
  readonly note: string;
}

/** An account entry from its columns. */
export function readAccountEntry(row: EntryColumns): AccountEntry {
  return {
    atMs: row.at_ms,
    identity: row.identity,
    wei: BigInt(row.wei),
    balanceAfterWei: BigInt(row.balance_after_wei),
    reference: row.reference,
    note: row.note,
  };
}
