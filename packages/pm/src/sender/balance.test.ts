import { compareRatio, formatRatio, parseRatio, type Ratio, ratio, subRatio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vectors } from '../../test/sender-fixture.ts';
import { balanceAfter, ticketsNeeded } from './balance.ts';

interface Staged {
  existingBalance: string;
  minCredit: string;
  ev: string | null;
  expectedTickets: number;
}
interface Billed {
  name: string;
  balanceBefore: string;
  ev: string;
  fee: string;
  expectedTickets: number;
  expectedBalanceAfter: string | null;
}

const { vectors: staged } = await vectors<{ vectors: Staged[] }>('pm-go-tests.json', 'stageUpdate');
const { vectors: billed } = await vectors<{ vectors: Billed[] }>('pm-go-tests.json', 'remoteSignerBilling');

test.each(staged)('balance $existingBalance, credit $minCredit, EV $ev', (vector) => {
  const tickets = ticketsNeeded(
    parseRatio(vector.existingBalance),
    parseRatio(vector.minCredit),
    parseRatio(vector.ev ?? '0'),
  );
  expect(tickets).toBe(BigInt(vector.expectedTickets));
});

test.each(billed)('billing: $name', (vector) => {
  const [balance, fee, ev] = [vector.balanceBefore, vector.fee, vector.ev].map(parseRatio) as [
    Ratio,
    Ratio,
    Ratio,
  ];
  const tickets = ticketsNeeded(balance, fee, ev);
  expect(tickets).toBe(BigInt(vector.expectedTickets));
  if (vector.expectedBalanceAfter !== null) {
    expect(formatRatio(balanceAfter(balance, tickets, ev, fee))).toBe(vector.expectedBalanceAfter);
  }
});

const { vectors: floors } = await vectors<{
  vectors: { minCredit: string; ev: string; minCreditPassedToStageUpdate: string }[];
}>('pm-go-tests.json', 'newBalanceUpdate');

test.each(floors)(
  'a credit of $minCredit at EV $ev is counted as $minCreditPassedToStageUpdate',
  (vector) => {
    const ev = parseRatio(vector.ev);
    const floor = BigInt(vector.minCreditPassedToStageUpdate);
    // The balance where tickets stop is the floor itself.
    expect(ticketsNeeded(ratio(floor), parseRatio(vector.minCredit), ev)).toBe(0n);
    expect(ticketsNeeded(ratio(floor - 1n), parseRatio(vector.minCredit), ev)).toBe(1n);
  },
);

const { vectors: sent } = await vectors<{
  vectors: {
    ev: string;
    units: string;
    price: string;
    expectedTickets: number;
    expectedBalanceAfter: string;
  }[];
}>('pm-go-tests.json', 'sendPayment');

test.each(sent)('$units units at $price wei with tickets of $ev', (vector) => {
  const [ev, fee] = [parseRatio(vector.ev), ratio(BigInt(vector.units) * BigInt(vector.price))];
  const tickets = ticketsNeeded(ratio(0n), fee, ev);
  expect(tickets).toBe(BigInt(vector.expectedTickets));
  expect(formatRatio(balanceAfter(ratio(0n), tickets, ev, fee))).toBe(vector.expectedBalanceAfter);
});

const positive = fc.tuple(fc.bigInt(1n, 10n ** 24n), fc.bigInt(1n, 10n ** 12n)).map(([n, d]) => ratio(n, d));
const balance = fc
  .tuple(fc.bigInt(-(10n ** 20n), 10n ** 24n), fc.bigInt(1n, 10n ** 12n))
  .map(([n, d]) => ratio(n, d));

test('as few tickets as cover the larger of fee and EV', () => {
  fc.assert(
    fc.property(balance, positive, positive, (before, fee, ev) => {
      const zero = ratio(0n);
      const floor = compareRatio(fee, ev) > 0 ? fee : ev;
      const tickets = ticketsNeeded(before, fee, ev);
      expect(compareRatio(balanceAfter(before, tickets, ev, floor), zero)).toBeGreaterThanOrEqual(0);
      if (tickets > 0n)
        expect(compareRatio(balanceAfter(before, tickets - 1n, ev, floor), zero)).toBeLessThan(0);
    }),
  );
});

test('no wei appears or disappears', () => {
  fc.assert(
    fc.property(balance, positive, positive, fc.bigInt(0n, 100n), (before, fee, ev, tickets) => {
      const change = subRatio(balanceAfter(before, tickets, ev, fee), before);
      expect(change).toEqual(subRatio(ratio(tickets * ev.n, ev.d), fee));
    }),
  );
});
