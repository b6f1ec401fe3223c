import type { UsageRow } from '../ledger/store.ts';
import { addSums } from '../ledger/usage-sums.ts';

/** Usage of one identity for one thing, summed over a period. Amounts in whole wei. */
export type UsageLine = Omit<UsageRow, 'hourMs'>;

/**
 * Sums hours into one line per identity, app, orchestrator, recipient, model and unit, in order of these. Answers that were
 * all taken back leave no line.
 */
export function usageLines(rows: readonly UsageRow[]): UsageLine[] {
  const lines = new Map<string, UsageLine>();
  for (const { hourMs: _summed, ...row } of rows) {
    const key = JSON.stringify(COLUMNS.slice(0, KEY_COLUMNS).map((column) => row[column]));
    const before = lines.get(key);
    lines.set(key, before === undefined ? row : { ...before, ...addSums(before, row) });
  }
  return [...lines.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line)
    .filter(({ answers }) => answers !== 0n);
}

const COLUMNS = [
  'identity',
  'app',
  'orchestrator',
  'recipient',
  'model',
  'unit',
  'answers',
  'openings',
  'tickets',
  'units',
  'evWei',
  'feeWei',
] as const;
const KEY_COLUMNS = 6;

/** CSV with a header (RFC 4180); a cell that a spreadsheet would run is quoted and led by an apostrophe. */
export function usageCsv(lines: readonly UsageLine[]): string {
  const rows = lines.map((line) => COLUMNS.map((column) => cell(String(line[column]))).join(','));
  return `${[COLUMNS.join(','), ...rows].join('\r\n')}\r\n`;
}

/** One JSON object: the lines, and their total. */
export function usageJson(lines: readonly UsageLine[], period: { from: string; to: string }): string {
  const total = { answers: 0n, openings: 0n, tickets: 0n, evWei: 0n, feeWei: 0n };
  for (const line of lines) {
    total.answers += line.answers;
    total.openings += line.openings;
    total.tickets += line.tickets;
    total.evWei += line.evWei;
    total.feeWei += line.feeWei;
  }
  const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return `${JSON.stringify({ ...period, total, lines }, text)}\n`;
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
