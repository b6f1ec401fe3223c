import { expect, test } from 'vitest';
import { isPaymentType, statedUnits } from './units.ts';

test('fixed is one unit on every call, explicit units are what the caller says', () => {
  expect(statedUnits('fixed', 0n)).toBe(1n);
  expect(statedUnits('', 2n ** 63n - 1n)).toBe(2n ** 63n - 1n);
});

test.each([0n, -1n])('explicit units of %s are refused', (inPixels) => {
  expect(() => statedUnits('', inPixels)).toThrow(
    expect.objectContaining({ status: 400, code: 'missing-units' }),
  );
});

test('names of Object.prototype are no payment types', () => {
  for (const type of ['constructor', 'toString', '__proto__', 'LIVE', 'byoc']) {
    expect(isPaymentType(type)).toBe(false);
    expect(() => statedUnits(type, 1n)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid-type', message: 'invalid job type' }),
    );
  }
});
