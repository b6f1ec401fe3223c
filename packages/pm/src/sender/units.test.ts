import fc from 'fast-check';
import { expect, test } from 'vitest';
import { billableUnits, isPaymentType } from './units.ts';

const SECOND = 1_000_000_000n;
const base = { inPixels: 0n, nowNs: 1000n * SECOND, lastUpdateNs: undefined };

function after(type: string, elapsedNs: bigint): bigint {
  return billableUnits({ ...base, type, lastUpdateNs: base.nowNs - elapsedNs });
}

test('the first metered call pays ahead', () => {
  expect(billableUnits({ ...base, type: 'live' })).toBe(10n);
  expect(billableUnits({ ...base, type: 'lv2v' })).toBe(1_658_880_000n);
});

test('live rounds seconds up', () => {
  expect(after('live', 12n * SECOND)).toBe(12n);
  expect(after('live', 12n * SECOND + 1n)).toBe(13n);
  expect(after('live', 1n)).toBe(1n);
});

test('lv2v counts 27,648,000 pixels a second and truncates', () => {
  expect(after('lv2v', SECOND)).toBe(27_648_000n);
  expect(after('lv2v', (3n * SECOND) / 2n)).toBe(41_472_000n);
  expect(after('lv2v', 37n)).toBe(1n);
});

test('fixed is one unit on every call, explicit units are what the caller says', () => {
  expect(after('fixed', 99n * SECOND)).toBe(1n);
  expect(billableUnits({ ...base, type: '', inPixels: 2n ** 63n - 1n })).toBe(2n ** 63n - 1n);
});

test.each([0n, -1n])('explicit units of %s are refused', (inPixels) => {
  expect(() => billableUnits({ ...base, type: '', inPixels })).toThrow(
    expect.objectContaining({ status: 400, code: 'missing-units' }),
  );
});

test('a clock behind the state owes nothing: the opening is not charged again', () => {
  for (const type of ['live', 'lv2v']) {
    for (const elapsedNs of [0n, -1n, -30n * SECOND]) {
      expect(() => after(type, elapsedNs)).toThrow(
        expect.objectContaining({ status: 482, code: 'clock-behind', message: 'no tickets' }),
      );
    }
  }
});

test('names of Object.prototype are no payment types', () => {
  for (const type of ['constructor', 'toString', '__proto__', 'LIVE', 'byoc']) {
    expect(isPaymentType(type)).toBe(false);
    expect(() => billableUnits({ ...base, type })).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid-type', message: 'invalid job type' }),
    );
  }
});

test('live never bills less than the time, nor a whole second more', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 18n), (elapsedNs) => {
      const billedNs = after('live', elapsedNs) * SECOND;
      expect(billedNs).toBeGreaterThanOrEqual(elapsedNs);
      expect(billedNs - elapsedNs).toBeLessThan(SECOND);
    }),
  );
});
