import { checkCeilings } from '@lp/pm/sender';
import { ratio } from '@lp/pricing';
import { expect, test } from 'vitest';
import { type CeilingOptions, priceCeilings } from './price-ceilings.ts';

const NONE: CeilingOptions = {
  maxWeiPerSecond: undefined,
  maxWeiPerPixel: undefined,
  maxWeiPerJob: undefined,
  maxWeiPerUnit: undefined,
};

test('nothing configured binds nothing', () => {
  expect(priceCeilings(NONE)).toEqual([]);
});

test('each ceiling binds its own type, as an exact number', () => {
  const ceilings = priceCeilings({ ...NONE, maxWeiPerSecond: '10/9', maxWeiPerPixel: '0.36' });
  expect(() => checkCeilings(ratio(10n, 9n), 'live', ceilings)).not.toThrow();
  expect(() => checkCeilings(ratio(11n, 9n), 'live', ceilings)).toThrow(
    'orchestrator price 1.222 exceeds configured maximum price ceiling 1.111',
  );
  expect(() => checkCeilings(ratio(37n, 100n), 'lv2v', ceilings)).toThrow('ceiling 0.360');
  expect(() => checkCeilings(ratio(10n ** 20n), 'fixed', ceilings)).not.toThrow();
});

test('counting own units is no way around the ceilings', () => {
  const typed = priceCeilings({ ...NONE, maxWeiPerSecond: '5', maxWeiPerPixel: '0.36' });
  expect(() => checkCeilings(ratio(5n), '', typed)).not.toThrow();
  expect(() => checkCeilings(ratio(6n), '', typed)).toThrow('ceiling 5.000');
  const own = priceCeilings({ ...NONE, maxWeiPerSecond: '5', maxWeiPerUnit: '0.5/3' });
  expect(() => checkCeilings(ratio(1n, 6n), '', own)).not.toThrow();
  expect(() => checkCeilings(ratio(1n, 5n), '', own)).toThrow('ceiling 0.167');
  expect(() => checkCeilings(ratio(5n), 'live', own)).not.toThrow();
});

test('text that is no number is refused at start', () => {
  expect(() => priceCeilings({ ...NONE, maxWeiPerJob: '1/0' })).toThrow();
});
