import type { PriceUnit } from '@lp/pricing';
import type { Hex, PriceInfo } from '@lp/protocol';
import type { CloseReason } from '../payments/desk.ts';
import type { Account } from './account.ts';
import type { Database } from './database.ts';

interface AccountRow {
  sender: string;
  manifest: string;
  credited: string;
  spent: string;
  units: string;
  price_per_unit: string | null;
  pixels_per_unit: string | null;
  unit: string | null;
  payments: number;
  tickets: number;
  state: Account['state'];
  reason: string | null;
  opened_ms: number | null;
  closed_ms: number | null;
  touched_ms: number;
}

/** Reads and writes account rows. */
export interface AccountTable {
  get(sender: Hex, manifestId: string): Account | undefined;
  priceOf(sender: Hex, manifestId: string): PriceInfo | undefined;
  stateOf(sender: Hex, manifestId: string): Account['state'] | undefined;
  /** Accounts of one manifest id: the opened one first, then by credit. More than one only if two senders paid. */
  ofManifest(manifestId: string): readonly Account[];
  open(): readonly Account[];
  put(account: Account): void;
  /** Drops accounts that hold no value and were not touched since `beforeMs`; says how many. */
  dropWorthless(beforeMs: number): number;
}

/** The accounts of `database`. */
export function accountTable(database: Database): AccountTable {
  const get = database.prepare<[string, string], AccountRow>(
    'SELECT * FROM account WHERE sender = ? AND manifest = ?',
  );
  const ofManifest = database.prepare<[string], AccountRow>('SELECT * FROM account WHERE manifest = ?');
  const open = database.prepare<[], AccountRow>("SELECT * FROM account WHERE state = 'open'");
  const price = database.prepare<[string, string], Pick<AccountRow, 'price_per_unit' | 'pixels_per_unit'>>(
    'SELECT price_per_unit, pixels_per_unit FROM account WHERE sender = ? AND manifest = ?',
  );
  const state = database.prepare<[string, string], Pick<AccountRow, 'state'>>(
    'SELECT state FROM account WHERE sender = ? AND manifest = ?',
  );
  const update = database.prepare<RowValues>(`
    UPDATE account SET credited = ?, spent = ?, units = ?, price_per_unit = ?, pixels_per_unit = ?, unit = ?,
      payments = ?, tickets = ?, state = ?, reason = ?, opened_ms = ?, closed_ms = ?, touched_ms = ?
    WHERE sender = ? AND manifest = ?`);
  const insert = database.prepare<RowValues>(`
    INSERT INTO account (credited, spent, units, price_per_unit, pixels_per_unit, unit, payments, tickets, state, reason,
      opened_ms, closed_ms, touched_ms, sender, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const drop = database.prepare<[number]>(
    "DELETE FROM account WHERE state <> 'open' AND credited = '0' AND touched_ms < ?",
  );
  return {
    get(sender, manifestId) {
      const row = get.get(sender, manifestId);
      return row === undefined ? undefined : fromRow(row);
    },
    priceOf(sender, manifestId) {
      const row = price.get(sender, manifestId);
      return row === undefined ? undefined : priceOfRow(row);
    },
    stateOf: (sender, manifestId) => state.get(sender, manifestId)?.state,
    ofManifest: (manifestId) =>
      ofManifest
        .all(manifestId)
        .map(fromRow)
        .toSorted((a, b) => rank(b) - rank(a) || (a.credited < b.credited ? 1 : -1)),
    open: () => open.all().map(fromRow),
    put: (account) => {
      const row = toRow(account);
      if (update.run(...row).changes === 0) insert.run(...row);
    },
    dropWorthless: (beforeMs) => drop.run(beforeMs).changes,
  };
}

const rank = (account: Account): number => (account.state === 'unopened' ? 0 : 1);

/** The casts name values that only `toRow` writes. */
function fromRow(row: AccountRow): Account {
  const price = priceOfRow(row);
  return {
    sender: row.sender as Hex,
    manifestId: row.manifest,
    credited: BigInt(row.credited),
    spent: BigInt(row.spent),
    units: BigInt(row.units),
    ...(price !== undefined && { price }),
    ...(row.unit !== null && { unit: row.unit as PriceUnit }),
    payments: row.payments,
    tickets: row.tickets,
    state: row.state,
    ...(row.reason !== null && { reason: row.reason as CloseReason }),
    ...(row.opened_ms !== null && { openedMs: row.opened_ms }),
    ...(row.closed_ms !== null && { closedMs: row.closed_ms }),
    touchedMs: row.touched_ms,
  };
}

type RowValues = [
  string,
  string,
  string,
  string | null,
  string | null,
  string | null,
  number,
  number,
  string,
  string | null,
  number | null,
  number | null,
  number,
  string,
  string,
];

/** The row in the order of `update` and `insert`. */
const toRow = (account: Account): RowValues => [
  account.credited.toString(),
  account.spent.toString(),
  account.units.toString(),
  account.price?.pricePerUnit.toString() ?? null,
  account.price?.pixelsPerUnit.toString() ?? null,
  account.unit ?? null,
  account.payments,
  account.tickets,
  account.state,
  account.reason ?? null,
  account.openedMs ?? null,
  account.closedMs ?? null,
  account.touchedMs,
  account.sender,
  account.manifestId,
];

const priceOfRow = (row: Pick<AccountRow, 'price_per_unit' | 'pixels_per_unit'>): PriceInfo | undefined =>
  row.price_per_unit === null || row.pixels_per_unit === null
    ? undefined
    : { pricePerUnit: BigInt(row.price_per_unit), pixelsPerUnit: BigInt(row.pixels_per_unit) };
