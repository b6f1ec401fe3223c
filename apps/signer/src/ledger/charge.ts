import { CLOCK_SKEW_MS } from './ages.ts';
import type { Excess, Issue } from './claim.ts';
import type { Charge, CounterRow, Rows, SessionRow, UsageSums } from './rows.ts';

/** The first bound that an answer would break; `undefined` when it breaks none. */
export function findExcess(rows: Rows, issue: Issue, known: SessionRow | undefined): Excess | undefined {
  const { bounds, sums, claim } = issue;
  const { nowMs } = claim;
  const { evWei, openings } = sums;
  for (const counter of bounds.counters) {
    const { wei, openings: opened } = countOf(rows, counter.key, { ...counter, nowMs });
    if (counter.maxWei !== undefined && wei + evWei > counter.maxWei) {
      return { of: 'counter', counter, unit: 'wei', left: positive(counter.maxWei - wei) };
    }
    if (openings > 0n && counter.maxOpenings !== undefined && opened + openings > counter.maxOpenings) {
      return { of: 'counter', counter, unit: 'openings', left: positive(counter.maxOpenings - opened) };
    }
  }
  const spent = known?.spentWei ?? 0n;
  if (bounds.sessionMaxWei !== undefined && spent + evWei > bounds.sessionMaxWei) {
    return { of: 'session', left: positive(bounds.sessionMaxWei - spent) };
  }
  if (bounds.prepaid === 'off') return undefined;
  const balance = rows.balance(claim.identity);
  if (balance === undefined && bounds.prepaid === 'accounts') return undefined;
  return (balance ?? 0n) < evWei ? { of: 'prepaid', left: positive(balance ?? 0n) } : undefined;
}

/** Counts an answer to everything that bounds it. */
export function makeCharge(rows: Rows, issue: Issue): Charge {
  const { bounds, sums, usage, claim } = issue;
  const counters = bounds.counters.map(({ key, windowMs }) => {
    const count = countOf(rows, key, { windowMs, nowMs: claim.nowMs });
    rows.putCounter(key, {
      windowMs: count.windowMs,
      wei: count.wei + sums.evWei,
      openings: count.openings + sums.openings,
    });
    return { key, windowMs: count.windowMs };
  });
  const balance = bounds.prepaid === 'off' ? undefined : rows.balance(claim.identity);
  if (balance !== undefined) rows.putBalance(claim.identity, balance - sums.evWei);
  rows.addUsage(usage, sums);
  return { usage, sums, counters, prepaid: balance !== undefined };
}

/** Uncounts an answer wherever it still counts. */
export function takeBack(rows: Rows, { usage, sums, counters, prepaid }: Charge): void {
  for (const { key, windowMs } of counters) {
    const row = rows.counter(key);
    if (row?.windowMs !== windowMs) continue; // that window is over: nothing counts on it
    rows.putCounter(key, {
      windowMs,
      wei: positive(row.wei - sums.evWei),
      openings: positive(row.openings - sums.openings),
    });
  }
  if (prepaid) {
    const balance = rows.balance(usage.identity);
    if (balance !== undefined) rows.putBalance(usage.identity, balance + sums.evWei);
  }
  rows.addUsage(usage, negative(sums));
}

/**
 * What a counter holds in the window. A window that another process began a little later is the present one; one that
 * begins far ahead is of a clock that was wrong, and would count on until then.
 */
function countOf(
  rows: Rows,
  key: string,
  { windowMs, nowMs }: { windowMs: number; nowMs: number },
): CounterRow {
  const row = rows.counter(key);
  const isPresent = row !== undefined && row.windowMs >= windowMs && row.windowMs <= nowMs + CLOCK_SKEW_MS;
  return isPresent ? row : { windowMs, wei: 0n, openings: 0n };
}

function negative(sums: UsageSums): UsageSums {
  return {
    answers: -sums.answers,
    openings: -sums.openings,
    tickets: -sums.tickets,
    units: -sums.units,
    evWei: -sums.evWei,
    feeWei: -sums.feeWei,
  };
}

/** The amount, or 0 for less. */
export function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
