import { compareRatio, ratio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CreditReport } from '../src/sender/index.ts';
import { DEBIT_SECONDS, LeadWorld, MS, SECOND } from './lead-world.ts';
import { START_NS } from './sender-fixture.ts';

const TICKET_EV = 100_000_000n;

test('paid less metered stays within lead, one EV and one debit interval, and no debit finds the account short', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1n, 2n, 7n, 10n, 30n, 600n, 6000n), // tenths of a second that a ticket pays
      fc.bigInt(0n, 90_000n),
      fc.array(fc.bigInt(50n, 4_900n), { minLength: 1, maxLength: 60 }),
      async (evTenths, leadMs, gapsMs) => {
        const price = (TICKET_EV * 10n) / evTenths;
        const world = new LeadWorld(price, TICKET_EV, { leadMs, exact: true });
        const held = leadMs > 10_000n ? leadMs : 10_000n;
        const most = ratio((held * price) / 1000n + 1n + TICKET_EV + DEBIT_SECONDS * price);
        const payUp = async () => {
          for (let calls = 0; calls < 20; calls++) if ((await world.pay()).nextInMs !== 0n) return;
          throw new Error('the lead does not build up');
        };
        await payUp();
        for (const gapMs of gapsMs) {
          world.pass(gapMs * MS);
          expect(compareRatio(world.ahead(), most)).toBeLessThanOrEqual(0);
          await payUp();
          expect(compareRatio(world.ahead(), most)).toBeLessThanOrEqual(0);
        }
        expect(world.shortDebits).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test('for an hour, coming back when the signer says', { timeout: 60_000 }, async () => {
  for (const evTenths of [30n, 600n, 6000n]) {
    const price = (TICKET_EV * 10n) / evTenths;
    const world = new LeadWorld(price, TICKET_EV, { leadMs: 15_000n, exact: true });
    await world.pay();
    let calls = 1;
    for (; world.nowNs < START_NS + 3600n * SECOND; calls++) {
      const { creditMs = 0n, nextInMs = 0n } = await world.pay();
      if (calls > 1) expect(creditMs).toBeGreaterThanOrEqual(15_000n);
      world.pass(nextInMs * MS);
    }
    // it came when a ticket was due, not before; only the first call after the opening found nothing to do
    expect(world.payments).toBeGreaterThanOrEqual(calls - 1);
    expect(world.shortDebits).toBe(0);
    const most = ratio(15n * price + TICKET_EV + DEBIT_SECONDS * price);
    expect(compareRatio(world.ahead(), most)).toBeLessThanOrEqual(0);
  }
});

test('a lead of a minute is built over several calls of at most 100 tickets', async () => {
  const world = new LeadWorld(TICKET_EV * 10n, TICKET_EV, { leadMs: 60_000n, exact: true });
  const reports: CreditReport[] = [];
  for (let call = 0; call < 7; call++) reports.push(await world.pay());
  expect(reports.map(({ creditMs }) => creditMs)).toEqual([
    10_000n,
    20_000n,
    30_000n,
    40_000n,
    50_000n,
    60_000n,
    60_000n,
  ]);
  expect(reports.map(({ nextInMs }) => nextInMs)).toEqual([0n, 0n, 0n, 0n, 0n, 1n, 1n]);
  expect(world.payments).toBe(6);
});
