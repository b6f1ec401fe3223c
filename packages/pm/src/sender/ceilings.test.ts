import { formatRatio, ratio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vectors } from '../../test/sender-fixture.ts';
import { checkCeilings, parseMaxPrice } from './ceilings.ts';
import { SignerRefusal } from './refusal.ts';

interface MaxPriceVector {
  price: string;
  currency?: string;
  unit: string;
  type: string;
  expected?: string;
  expectedError?: string;
}

const { vectors: maxPrices } = await vectors<{ vectors: MaxPriceVector[] }>(
  'pm-go-tests.json',
  'remoteSignerMaxPrice',
);

test.each(maxPrices)('maxPrice $price $currency per $unit for $type', (vector) => {
  const parse = () => parseMaxPrice({ currency: '', ...vector }, vector.type);
  if (vector.expectedError === undefined) expect(formatRatio(parse())).toBe(vector.expected);
  else expect(parse).toThrow(vector.expectedError);
});

test.each([
  ['0', 'wei', 'seconds', 'live', 'maxPrice.price must be a positive decimal'],
  ['1/2', 'wei', 'seconds', 'live', 'maxPrice.price must be a positive decimal'],
  ['1e999', 'wei', 'seconds', 'live', 'maxPrice.price must be a positive decimal'],
  ['1', 'eth', 'seconds', 'live', 'maxPrice.currency must be wei'],
  ['1', 'wei', 'hour', 'live', 'maxPrice.unit must be seconds for payment type live'],
  ['1', 'wei', 'seconds', 'lv2v', 'maxPrice.unit must be 720p-pixel-seconds for payment type lv2v'],
  ['1', 'wei', 'seconds', '', 'maxPrice requires payment type live, lv2v, or fixed'],
])('maxPrice %s %s per %s for %j: %s', (price, currency, unit, type, message) => {
  expect(() => parseMaxPrice({ price, currency, unit }, type)).toThrow(
    expect.objectContaining({ status: 400, code: 'invalid-max-price', message }),
  );
});

test('currency and unit are trimmed and lower-cased', () => {
  expect(parseMaxPrice({ price: '2', currency: ' WEI ', unit: 'Seconds ' }, 'live')).toEqual(ratio(2n));
});

test('anything but a price is a refusal, never another error', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (price, currency, unit, type) => {
      expect(() => parseMaxPrice({ price, currency, unit }, type)).toThrow(SignerRefusal);
    }),
  );
});

test('equal passes, above is refused by the lowest ceiling that binds the type', () => {
  const ceilings = [
    { source: 'configured maximum price', price: ratio(5n) },
    { source: 'request maxPrice', price: ratio(14n, 3n) },
    { source: 'configured maximum price of a job', price: ratio(1n), types: ['fixed' as const] },
  ];
  expect(() => checkCeilings(ratio(14n, 3n), 'live', ceilings)).not.toThrow();
  expect(() => checkCeilings(ratio(19n, 4n), 'live', ceilings)).toThrow(
    expect.objectContaining({
      status: 481,
      message: 'orchestrator price 4.750 exceeds request maxPrice ceiling 4.667',
    }),
  );
  expect(() => checkCeilings(ratio(2n), 'fixed', ceilings)).toThrow('of a job ceiling 1.000');
  expect(() => checkCeilings(ratio(10n ** 30n), 'live', [])).not.toThrow();
});
