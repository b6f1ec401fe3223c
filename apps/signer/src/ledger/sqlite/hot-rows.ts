import type { CounterRow, Rows, UsageKey, UsageSums } from '../rows.ts';
import { addSums, usageKeyText } from '../usage-sums.ts';
import type { Database } from './open-database.ts';

/** What is kept back during a group. */
export interface HotPart
  extends Pick<Rows, 'counter' | 'putCounter' | 'balance' | 'putBalance' | 'addUsage'> {
  /** Writes what was kept back. */
  writeBack(): void;
  /** Forgets what was kept back. */
  forget(): void;
}

/** Rows that every answer of a group touches again: read at most once a group, written once at its end. */
export function hotRows(database: Database): HotPart {
  const readCounter = database.prepare('SELECT window_ms, wei, openings FROM counter WHERE key = ?').raw();
  const writeCounter = database.prepare('INSERT OR REPLACE INTO counter VALUES (?, ?, ?, ?)');
  const readBalance = database.prepare('SELECT balance_wei FROM account WHERE identity = ?').pluck();
  const writeBalance = database.prepare('INSERT OR REPLACE INTO account VALUES (?, ?)');
  const WHERE = `hour_ms = ? AND identity = ? AND app = ? AND orchestrator = ? AND recipient = ? AND model = ? AND unit = ?`;
  const readUsage = database
    .prepare(`SELECT answers, openings, tickets, units, ev_wei, fee_wei FROM usage WHERE ${WHERE}`)
    .raw();
  const writeUsage = database.prepare(
    `INSERT OR REPLACE INTO usage (hour_ms, identity, app, orchestrator, recipient, model, unit,
       answers, openings, tickets, units, ev_wei, fee_wei) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const counters = new Map<string, { row: CounterRow | undefined; dirty: boolean }>();
  const balances = new Map<string, { wei: bigint | undefined; dirty: boolean }>();
  const usage = new Map<string, { key: UsageKey; added: UsageSums }>();
  return {
    counter(key) {
      let kept = counters.get(key);
      if (kept === undefined) {
        const columns = readCounter.get(key) as [number, string, string] | undefined;
        const row =
          columns === undefined
            ? undefined
            : { windowMs: columns[0], wei: BigInt(columns[1]), openings: BigInt(columns[2]) };
        kept = { row, dirty: false };
        if (database.inTransaction) counters.set(key, kept);
      }
      return kept.row;
    },
    putCounter: (key, row) => void counters.set(key, { row, dirty: true }),
    balance(identity) {
      let kept = balances.get(identity);
      if (kept === undefined) {
        const text = readBalance.get(identity) as string | undefined;
        kept = { wei: text === undefined ? undefined : BigInt(text), dirty: false };
        if (database.inTransaction) balances.set(identity, kept);
      }
      return kept.wei;
    },
    putBalance: (identity, wei) => void balances.set(identity, { wei, dirty: true }),
    addUsage(key, sums) {
      const text = usageKeyText(key);
      const kept = usage.get(text);
      usage.set(text, { key, added: kept === undefined ? sums : addSums(kept.added, sums) });
    },
    writeBack() {
      for (const [key, { row, dirty }] of counters) {
        if (dirty && row !== undefined)
          writeCounter.run(key, row.windowMs, row.wei.toString(), row.openings.toString());
      }
      for (const [identity, { wei, dirty }] of balances) {
        if (dirty && wei !== undefined) writeBalance.run(identity, wei.toString());
      }
      for (const { key, added } of usage.values()) {
        const at = [key.hourMs, key.identity, key.app, key.orchestrator, key.recipient, key.model, key.unit];
        const columns = readUsage.get(...at) as string[] | undefined;
        const before = (index: number) => BigInt(columns?.[index] ?? 0);
        writeUsage.run(
          ...at,
          (before(0) + added.answers).toString(),
          (before(1) + added.openings).toString(),
          (before(2) + added.tickets).toString(),
          (before(3) + added.units).toString(),
          (before(4) + added.evWei).toString(),
          (before(5) + added.feeWei).toString(),
        );
      }
    },
    forget() {
      counters.clear();
      balances.clear();
      usage.clear();
    },
  };
}
