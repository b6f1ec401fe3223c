import type { PriceUnit } from '@lp/pricing';
import type { Hex } from '@lp/protocol';
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
  const put = database.prepare<[AccountRow]>(`
    INSERT INTO account VALUES (@sender, @manifest, @credited, @spent, @units, @price_per_unit, @pixels_per_unit, @unit,
      @payments, @tickets, @state, @reason, @opened_ms, @closed_ms, @touched_ms)
    ON CONFLICT (sender, manifest) DO UPDATE SET credited = excluded.credited, spent = excluded.spent,
      units = excluded.units, price_per_unit = excluded.price_per_unit, pixels_per_unit = excluded.pixels_per_unit,
      unit = excluded.unit, payments = excluded.payments, tickets = excluded.tickets, state = excluded.state,
      reason = excluded.reason, opened_ms = excluded.opened_ms, closed_ms = excluded.closed_ms,
      touched_ms = excluded.touched_ms`);
  const drop = database.prepare<[number]>(
    "DELETE FROM account WHERE state <> 'open' AND credited = '0' AND touched_ms < ?",
  );
  return {
    get(sender, manifestId) {
      const row = get.get(sender, manifestId);
      return row === undefined ? undefined : fromRow(row);
    },
    ofManifest: (manifestId) =>
      ofManifest
        .all(manifestId)
        .map(fromRow)
        .toSorted((a, b) => rank(b) - rank(a) || (a.credited < b.credited ? 1 : -1)),
    open: () => open.all().map(fromRow),
    put: (account) => {
      put.run(toRow(account));
    },
    dropWorthless: (beforeMs) => drop.run(beforeMs).changes,
  };
}

const rank = (account: Account): number => (account.state === 'unopened' ? 0 : 1);

/** The casts name values that only `toRow` writes. */
function fromRow(row: AccountRow): Account {
  return {
    sender: row.sender as Hex,
    manifestId: row.manifest,
    credited: BigInt(row.credited),
    spent: BigInt(row.spent),
    units: BigInt(row.units),
    ...(row.price_per_unit !== null &&
      row.pixels_per_unit !== null && {
        price: { pricePerUnit: BigInt(row.price_per_unit), pixelsPerUnit: BigInt(row.pixels_per_unit) },
      }),
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

function toRow(account: Account): AccountRow {
  return {
    sender: account.sender,
    manifest: account.manifestId,
    credited: account.credited.toString(),
    spent: account.spent.toString(),
    units: account.units.toString(),
    price_per_unit: account.price?.pricePerUnit.toString() ?? null,
    pixels_per_unit: account.price?.pixelsPerUnit.toString() ?? null,
    unit: account.unit ?? null,
    payments: account.payments,
    tickets: account.tickets,
    state: account.state,
    reason: account.reason ?? null,
    opened_ms: account.openedMs ?? null,
    closed_ms: account.closedMs ?? null,
    touched_ms: account.touchedMs,
  };
}
