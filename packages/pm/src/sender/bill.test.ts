import { formatRatio, type Ratio, ratio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOne, offer, request, START_NS } from '../../test/sender-fixture.ts';
import { type Bill, billedToNs, billNow } from './bill.ts';
import type { FundingAsk } from './funding-terms.ts';
import { type OpenedPayment, openPayment } from './open.ts';

const SECOND = 1_000_000_000n;
const random = { bytes: (length: number) => new Uint8Array(length) };

interface Case {
  readonly type?: string;
  readonly funding?: FundingAsk;
  readonly price?: { pricePerUnit: bigint; pixelsPerUnit: bigint };
  readonly balance?: Ratio;
}

/** A session that was last billed `elapsedNs` ago; `undefined` opens one. */
function session(
  elapsedNs: bigint | undefined,
  { type = 'live', funding, price, balance }: Case,
): OpenedPayment {
  const call = request(
    { type, inPixels: 1n, ...(funding === undefined ? {} : { funding }) },
    offer(price === undefined ? {} : { priceInfo: price }),
  );
  const opened = openPayment(call, { sender: keyOne().address, random });
  if (elapsedNs === undefined) return opened;
  const state = { ...opened.state, lastUpdateNs: START_NS - elapsedNs, balance: balance ?? ratio(0n) };
  return { ...opened, isNew: false, state };
}

const bill = (elapsedNs: bigint | undefined, given: Case = {}, most?: Ratio): Bill =>
  billNow(session(elapsedNs, given), START_NS, most);
const units = (type: string, elapsedNs: bigint | undefined) => bill(elapsedNs, { type }).units;

test('the first metered call pays ahead', () => {
  expect(units('live', undefined)).toBe(10n);
  expect(units('lv2v', undefined)).toBe(1_658_880_000n);
});

test('live rounds seconds up', () => {
  expect(units('live', 12n * SECOND)).toBe(12n);
  expect(units('live', 12n * SECOND + 1n)).toBe(13n);
  expect(units('live', 1n)).toBe(1n);
});

test('lv2v counts 27,648,000 pixels a second and truncates', () => {
  expect(units('lv2v', SECOND)).toBe(27_648_000n);
  expect(units('lv2v', (3n * SECOND) / 2n)).toBe(41_472_000n);
  expect(units('lv2v', 37n)).toBe(1n);
});

test('a clock behind the state bills nothing, whatever the type: the opening is not charged again', () => {
  for (const type of ['live', 'lv2v']) {
    for (const elapsedNs of [0n, -1n, -30n * SECOND, -61n * SECOND, -(10n ** 18n)]) {
      expect(bill(elapsedNs, { type })).toMatchObject({ units: 0n, restarts: elapsedNs < -60n * SECOND });
    }
  }
});

test('live never bills less than the time, nor a whole second more', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 18n), (elapsedNs) => {
      const billedNs = units('live', elapsedNs) * SECOND;
      expect(billedNs).toBeGreaterThanOrEqual(elapsedNs);
      expect(billedNs - elapsedNs).toBeLessThan(SECOND);
    }),
  );
});

// live-runner.md section 11.4, column B: 10 USD/h and 10 USD/s at 2000
test.each([
  [1_388_888_888_888n, 400_000_000n, '2777777777776/5'],
  [1_388_888_888_888n, 12_700_000_000n, '88194444444388/5'],
  [5_000_000_000_000_000n, 5n * SECOND, '25000000000000000'],
])('%s wei per 1e9 ns, %s ns: %s wei', (pricePerUnit, elapsedNs, fee) => {
  const price = { pricePerUnit, pixelsPerUnit: SECOND };
  expect(formatRatio(bill(elapsedNs, { price, funding: { unit: 'nanoseconds' } }).fee)).toBe(fee);
  // the same price per second, exactly
  const perSecond = { pricePerUnit, pixelsPerUnit: 1n };
  expect(formatRatio(bill(elapsedNs, { price: perSecond, funding: { exact: true } }).fee)).toBe(fee);
});

test('exact lv2v bills fractions of a pixel', () => {
  expect(formatRatio(bill(37n, { type: 'lv2v', funding: { exact: true } }).fee)).toBe('47952/15625');
});

test('what the caller knows of bounds what is billed, never raises it', () => {
  const exact = (atMostNs: bigint) => bill(5n * SECOND, { funding: { exact: true, atMostNs } }).units;
  expect([exact(3n * SECOND), exact(0n), exact(6n * SECOND)]).toEqual([3n * SECOND, 0n, 5n * SECOND]);
});

test('signers whose clocks differ bill all the time but that difference, and none of it twice', () => {
  const clockNs = fc.bigInt(-30n * SECOND, 30n * SECOND);
  fc.assert(
    fc.property(
      fc.array(clockNs, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.bigInt(0n, 10n * SECOND), fc.nat(2)), { minLength: 1, maxLength: 200 }),
      (clocks, calls) => {
        const clockOf = (which: number): bigint => clocks[which % clocks.length] ?? 0n;
        const spreadNs = clocks.reduce((a, b) => (a > b ? a : b)) - clocks.reduce((a, b) => (a < b ? a : b));
        let { state } = session(-clockOf(0), { funding: { exact: true } });
        let [passedNs, billedNs] = [0n, 0n];
        for (const [atMostNs, which] of calls) {
          passedNs += atMostNs;
          const opened = { ...session(0n, { funding: { exact: true, atMostNs } }), state };
          const nowNs = START_NS + passedNs + clockOf(which);
          const made = billNow(opened, nowNs, undefined);
          state = { ...state, lastUpdateNs: billedToNs(opened, made, nowNs) };
          billedNs += made.units;
          expect(billedNs).toBeLessThanOrEqual(passedNs);
          expect(passedNs - billedNs).toBeLessThanOrEqual(spreadNs);
        }
      },
    ),
  );
});

test('what atMostNs left out stays for later, an hour of it', () => {
  const day = 86_400n * SECOND;
  const left = (elapsedNs: bigint, atMostNs?: bigint): bigint => {
    const opened = session(elapsedNs, {
      funding: { exact: true, ...(atMostNs !== undefined && { atMostNs }) },
    });
    return START_NS - billedToNs(opened, billNow(opened, START_NS, undefined), START_NS);
  };
  expect(left(5n * SECOND, 3n * SECOND)).toBe(2n * SECOND);
  expect(left(5n * SECOND)).toBe(0n);
  expect(left(day, 3n * SECOND)).toBe(3_600n * SECOND);
  expect(left(-30n * SECOND, 3n * SECOND)).toBe(-30n * SECOND); // never billed again
  expect(left(-61n * SECOND, 3n * SECOND)).toBe(0n);
});

test('a gap is billed as far as balance and tickets reach, at most an hour beyond the balance', () => {
  const exact = { funding: { exact: true } };
  const day = 86_400n * SECOND;
  expect(bill(day, exact, ratio(300n)).units).toBe(100n * SECOND);
  expect(bill(day, { ...exact, balance: ratio(60n) }, ratio(300n)).units).toBe(120n * SECOND);
  expect(bill(day, exact, ratio(10n ** 9n)).units).toBe(3600n * SECOND);
  expect(bill(day, { ...exact, balance: ratio(30_000n) }, ratio(10n ** 9n)).units).toBe(13_600n * SECOND);
  expect(bill(day, {}, ratio(301n)).units).toBe(100n); // whole seconds
  expect(bill(day, {}, ratio(2n)).units).toBe(86_400n); // not one second can be paid: left to the checks
});

test('however a time is cut, its exact fees add up to price x time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 50 }),
      fc.record({ pricePerUnit: fc.bigInt(1n, 10n ** 15n), pixelsPerUnit: fc.bigInt(1n, 10n ** 9n) }),
      fc.constantFrom<[string, FundingAsk, bigint]>(
        ['live', { exact: true }, 1n],
        ['live', { unit: 'nanoseconds' }, SECOND],
        ['lv2v', { exact: true }, 27_648_000n],
      ),
      (cadence, price, [type, funding, perSecond]) => {
        const opened = session(0n, { type, funding, price });
        let nowNs = START_NS;
        let state = opened.state;
        let [n, d] = [0n, 1n];
        for (const gapNs of cadence) {
          nowNs += gapNs;
          const { fee } = billNow({ ...opened, state }, nowNs, undefined);
          state = { ...state, lastUpdateNs: nowNs };
          [n, d] = [n * fee.d + fee.n * d, d * fee.d];
          const sum = ratio(n, d);
          [n, d] = [sum.n, sum.d];
        }
        const elapsedNs = nowNs - START_NS;
        const exact = ratio(elapsedNs * perSecond * price.pricePerUnit, SECOND * price.pixelsPerUnit);
        expect({ n, d }).toEqual(exact);
      },
    ),
  );
});
