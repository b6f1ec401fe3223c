import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex, PriceInfo } from '@lp/protocol';
import { simulatedClock } from '@lp/runtime/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { accountTable } from './account-table.ts';
import { openDatabase } from './database.ts';
import { groupCommit } from './group-commit.ts';
import { journal } from './journal.ts';
import { type AccountKey, openLedger } from './ledger.ts';
import { cumulativeFee, QUANTA_PER_WEI, weiOfQuanta } from './quanta.ts';

const go = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/pm-go-tests.json', import.meta.url), 'utf8'),
);
const SENDERS: readonly Hex[] = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`];
const key: AccountKey = { sender: SENDERS[0]!, manifestId: 'm' };
const oneWei: PriceInfo = { pricePerUnit: 1n, pixelsPerUnit: 1n };
const wei = (n: bigint) => n * QUANTA_PER_WEI;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'lp-ledger-'));
  folders.push(path);
  return path;
};

const memoryLedger = () => {
  const database = openDatabase(':memory:');
  const clock = simulatedClock();
  return { database, clock, ledger: openLedger(database, clock) };
};

describe('upstream vectors', () => {
  it.each(go.accountPayment.vectors as { credit: string | null; expected: string }[])(
    'a debit of 1000000 with credit $credit is $expected',
    ({ credit, expected }) => {
      const { ledger, database } = memoryLedger();
      if (credit !== null) ledger.credit(key, { quanta: wei(BigInt(credit)), tickets: 1, price: oneWei });
      const opened = ledger.open(key, { price: oneWei, unit: 'seconds' });
      expect(opened.ok && ledger.tick(key, 1_000_000n).ok).toBe(expected === 'ok');
      database.close();
    },
  );

  it('charges the fee of TestDebitFees', () => {
    const [row] = go.debitFees.vectors;
    const [n, d] = row.price.split('/');
    const fee = cumulativeFee(BigInt(row.pixels), { pricePerUnit: BigInt(n), pixelsPerUnit: BigInt(d) });
    expect(weiOfQuanta(-fee)).toBe(BigInt(row.expectedBalance));
  });

  it('keeps balances as TestAddressBalances does, apart from those that would go negative', () => {
    for (const row of go.balances.vectors) {
      const amounts = row.ops.filter(([op]: string[]) => op !== 'reserve');
      if (amounts.length !== row.ops.length || amounts[0]?.[0] === 'debit') continue;
      const { ledger, database } = memoryLedger();
      for (const [op, amount] of amounts) {
        if (op === 'credit') {
          ledger.credit(key, { quanta: wei(BigInt(amount)), tickets: 1, price: oneWei });
          ledger.open(key, { price: oneWei, unit: 'seconds' });
        } else ledger.tick(key, BigInt(amount));
      }
      const expected = row.expectedBalanceAfter === null ? undefined : BigInt(row.expectedBalanceAfter);
      expect(ledger.statement('m')?.balanceWei).toBe(expected);
      database.close();
    }
  });
});

describe('ledger', () => {
  it('refuses the first debit that is not covered, debits nothing and closes', () => {
    const { ledger } = memoryLedger();
    ledger.credit(key, { quanta: wei(12n), tickets: 3, price: oneWei });
    ledger.open(key, { price: oneWei, unit: 'seconds' });
    expect(ledger.tick(key, 5n)).toMatchObject({ ok: true, debited: wei(5n) });
    expect(ledger.tick(key, 5n).ok).toBe(true);
    expect(ledger.tick(key, 5n)).toEqual({
      ok: false,
      reason: 'insufficient-balance',
      fee: wei(5n),
      balance: wei(2n),
    });
    expect(ledger.tick(key, 1n)).toEqual({ ok: false, reason: 'not-open' });
    expect(ledger.statement('m')).toMatchObject({
      state: 'closed',
      closeReason: 'insufficient-balance',
      meteredWei: 10n,
      balanceWei: 2n,
      units: 10n,
      tickets: 3,
    });
  });

  it('charges a fixed price once, or refuses and changes nothing', () => {
    const { ledger } = memoryLedger();
    const price = { pricePerUnit: 100n, pixelsPerUnit: 1n };
    ledger.credit(key, { quanta: wei(99n), tickets: 1, price });
    expect(ledger.open(key, { price, unit: 'fixed' })).toMatchObject({
      ok: false,
      reason: 'insufficient-balance',
    });
    expect(ledger.statement('m')).toMatchObject({ state: 'unopened', balanceWei: 99n });
    ledger.credit(key, { quanta: wei(1n), tickets: 1, price });
    expect(ledger.open(key, { price, unit: 'fixed' }).ok).toBe(true);
    expect(ledger.statement('m')).toMatchObject({
      state: 'closed',
      closeReason: 'charged-once',
      balanceWei: 0n,
      units: 1n,
    });
    expect(ledger.open(key, { price, unit: 'fixed' })).toEqual({
      ok: false,
      reason: 'not-new',
      state: 'closed',
    });
  });

  it('does not open an empty account for time', () => {
    const { ledger } = memoryLedger();
    expect(ledger.open(key, { price: oneWei, unit: 'seconds' }).ok).toBe(false);
    expect(ledger.statement('m')).toBeUndefined();
  });

  it('keeps the price of the first payment until the session opens at its own', () => {
    const { ledger } = memoryLedger();
    const other = { pricePerUnit: 7n, pixelsPerUnit: 2n };
    ledger.credit(key, { quanta: wei(1n), tickets: 1, price: oneWei });
    ledger.credit(key, { quanta: wei(1n), tickets: 1, price: other });
    expect(ledger.priceOf(key)).toEqual(oneWei);
    ledger.open(key, { price: other, unit: 'seconds' });
    expect(ledger.priceOf(key)).toEqual(other);
  });

  it('forgets only what holds no value', () => {
    const { ledger, clock, database } = memoryLedger();
    ledger.credit(key, { quanta: 0n, tickets: 0, price: oneWei });
    ledger.credit({ ...key, manifestId: 'funded' }, { quanta: 1n, tickets: 1, price: oneWei });
    const now = clock.wallMs() + 1;
    expect(ledger.compact({ idleBeforeMs: now, closedBeforeMs: now })).toMatchObject({
      accounts: 1,
      entries: 0,
    });
    expect(ledger.statement('funded')).toBeDefined();
    ledger.open({ ...key, manifestId: 'funded' }, { price: oneWei, unit: 'seconds' });
    ledger.close({ ...key, manifestId: 'funded' }, 'stopped-by-client');
    expect(ledger.compact({ idleBeforeMs: now, closedBeforeMs: now + 1 }).entries).toBe(4);
    expect(ledger.statement('funded')?.creditedQuanta).toBe(1n);
    expect(journal(database).entries('funded')).toEqual([]);
  });
});

describe('journal', () => {
  it('drops what is behind entries that have to stay, and entries of accounts that are gone', () => {
    const { database, clock, ledger } = memoryLedger();
    const log = journal(database);
    const credit = (manifestId: string, quanta: bigint) =>
      ledger.credit({ sender: SENDERS[0]!, manifestId }, { quanta, tickets: 1, price: oneWei });
    for (let i = 0; i < 5; i++) credit(`waits-${i}`, 1n);
    credit('gone', 0n);
    const ended = { sender: SENDERS[0]!, manifestId: 'ended' };
    credit('ended', 1n);
    ledger.open(ended, { price: oneWei, unit: 'seconds' });
    ledger.close(ended, 'stopped-by-client');
    const later = clock.wallMs() + 1;
    accountTable(database).dropWorthless(later);
    let [dropped, calls, more] = [0, 0, true];
    while (more && calls < 20) {
      const share = log.compact(later, 2);
      dropped += share.entries;
      more = share.more;
      calls++;
    }
    expect([dropped, more]).toEqual([4, false]);
    expect(log.entries('waits-4')).toHaveLength(1);
    expect([log.entries('gone'), log.entries('ended')]).toEqual([[], []]);
  });

  it('keeps what is too young', () => {
    const { database, clock, ledger } = memoryLedger();
    ledger.credit({ sender: SENDERS[0]!, manifestId: 'm' }, { quanta: 1n, tickets: 1 });
    ledger.open({ sender: SENDERS[0]!, manifestId: 'm' }, { price: oneWei, unit: 'seconds' });
    ledger.close({ sender: SENDERS[0]!, manifestId: 'm' }, 'stopped-by-client');
    expect(journal(database).compact(clock.wallMs(), 2)).toEqual({ entries: 0, more: false });
  });
});

/** byoc.md section 14.5, for one account per (sender, manifest id). */
describe('invariants', () => {
  type Step =
    | { op: 'credit'; who: number; manifest: number; quanta: bigint; price: number }
    | { op: 'open'; who: number; manifest: number; price: number; fixed: boolean }
    | { op: 'tick'; who: number; manifest: number; units: bigint }
    | { op: 'close'; who: number; manifest: number }
    | { op: 'compact' }
    | { op: 'crash' };
  const prices: readonly PriceInfo[] = [
    oneWei,
    { pricePerUnit: 0n, pixelsPerUnit: 1n },
    { pricePerUnit: 5n, pixelsPerUnit: 7n },
    { pricePerUnit: 2n ** 63n - 1n, pixelsPerUnit: 1n },
  ];
  const where = { who: fc.nat(1), manifest: fc.nat(2) };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      op: fc.constant('credit' as const),
      ...where,
      quanta: fc.bigInt({ min: 0n, max: wei(50n) }),
      price: fc.nat(3),
    }),
    fc.record({ op: fc.constant('open' as const), ...where, price: fc.nat(3), fixed: fc.boolean() }),
    fc.record({ op: fc.constant('tick' as const), ...where, units: fc.bigInt({ min: 0n, max: 30n }) }),
    fc.record({ op: fc.constant('close' as const), ...where }),
    fc.record({ op: fc.constant('compact' as const) }),
    fc.record({ op: fc.constant('crash' as const) }),
  );

  it('hold after every step, through crashes', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const path = folder();
        let generation = 0;
        const clock = simulatedClock();
        const open = () => {
          const database = openDatabase(join(path, `${generation}.db`));
          const group = groupCommit(database, clock, (error) => {
            throw error;
          });
          return { database, group, ledger: openLedger(database, clock) };
        };
        let now = open();
        const snapshot = () => {
          const table = accountTable(now.database);
          return new Map(
            SENDERS.flatMap((sender) =>
              [0, 1, 2].map((m) => [`${sender} ${m}`, table.get(sender, String(m))] as const),
            ),
          );
        };
        const closings = new Map<string, string>();
        for (const s of steps) {
          const before = snapshot();
          const load = now.ledger.openCount();
          const target = 'who' in s ? { sender: SENDERS[s.who]!, manifestId: String(s.manifest) } : undefined;
          const id = target === undefined ? '' : `${target.sender} ${target.manifestId}`;
          if (s.op === 'crash') {
            // What was acknowledged is in the file and its log, whatever the process still had in mind.
            const from = join(path, `${generation++}.db`);
            for (const suffix of ['', '-wal']) {
              if (existsSync(from + suffix))
                copyFileSync(from + suffix, join(path, `${generation}.db${suffix}`));
            }
            now.group.close();
            now.database.close();
            now = open();
          } else {
            await now.group.run((): unknown => {
              switch (s.op) {
                case 'credit':
                  return now.ledger.credit(target!, {
                    quanta: s.quanta,
                    tickets: 1,
                    price: prices[s.price]!,
                  });
                case 'open':
                  return now.ledger.open(target!, {
                    price: prices[s.price]!,
                    unit: s.fixed ? 'fixed' : 'seconds',
                  });
                case 'tick':
                  return now.ledger.tick(target!, s.units);
                case 'close':
                  return now.ledger.close(target!, 'stopped-by-client');
                case 'compact':
                  return now.ledger.compact({ idleBeforeMs: 0, closedBeforeMs: 0 });
              }
            });
          }
          const after = snapshot();
          const totals = journal(now.database).replay();
          let openJobs = 0;
          for (const [name, account] of after) {
            const past = before.get(name);
            // I2, I7: an operation touches its own account; crash and compaction touch none that holds value.
            if (name !== id && past !== undefined) expect(account).toEqual(past);
            if (account === undefined) continue;
            // I1, I7: the account is what its journal adds up to, and never overdrawn.
            const sum = totals.get(name);
            expect([account.credited, account.spent, account.units]).toEqual([
              sum?.credited,
              sum?.spent,
              sum?.units,
            ]);
            expect(account.credited - account.spent).toBeGreaterThanOrEqual(0n);
            // I4: only a credit changes what was credited.
            if (s.op !== 'credit' || name !== id) expect(account.credited).toBe(past?.credited ?? 0n);
            // I5: opens and closes once, for good.
            expect(sum!.opens).toBeLessThanOrEqual(1);
            expect(sum!.closes).toBe(account.state === 'closed' ? 1 : 0);
            if (account.state === 'closed') {
              const final = closings.get(name) ?? `${account.spent} ${account.reason}`;
              closings.set(name, final);
              expect(`${account.spent} ${account.reason}`).toBe(final);
            }
            // I8: spent is the fee of the billed units and never falls.
            if (account.price !== undefined && account.state !== 'unopened') {
              expect(account.spent).toBe(cumulativeFee(account.units, account.price));
            } else expect(account.spent).toBe(0n);
            expect(account.spent).toBeGreaterThanOrEqual(past?.spent ?? 0n);
            if (account.state === 'open') openJobs++;
          }
          // I6: load is the number of open accounts.
          expect(now.ledger.openCount()).toBe(openJobs);
          if (s.op === 'crash') expect(openJobs).toBe(load);
        }
        now.group.close();
        now.database.close();
        rmSync(path, { recursive: true, force: true });
      }),
      { numRuns: 60 },
    );
  });
});
