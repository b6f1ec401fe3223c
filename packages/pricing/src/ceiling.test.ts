import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import {
  checkCeiling,
  comparePrice,
  isPriceWithinDouble,
  lowestCeiling,
  PriceAboveCeilingError,
} from './ceiling.ts';
import type { Price } from './price.ts';
import { ratio } from './ratio.ts';
import { parseRatio } from './ratio-text.ts';

const perSecond = (wei: bigint, per = 1n): Price => ({ wei, per, unit: 'seconds' });
const sources = [
  { source: 'operator', price: perSecond(100n) },
  { source: 'tenant', price: perSecond(99n, 2n) },
  { source: 'caller', price: perSecond(198n, 4n) },
];

describe('ceilings', () => {
  it('bind at the lowest, first named among equals', () => {
    expect(lowestCeiling(sources)?.source).toBe('tenant');
    expect(lowestCeiling([])).toBeUndefined();
  });

  it('let a price at the ceiling pass and name who refused one above it', () => {
    expect(() => checkCeiling(perSecond(99n, 2n), sources)).not.toThrow();
    expect(() => checkCeiling(perSecond(10n ** 30n), [])).not.toThrow();
    const price = perSecond(50n);
    try {
      checkCeiling(price, sources);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PriceAboveCeilingError);
      expect(error).toMatchObject({
        code: 'price-above-ceiling',
        source: 'tenant',
        price,
        ceiling: perSecond(99n, 2n),
        message: expect.stringContaining('50 wei/s is above the ceiling of 99/2 wei/s set by tenant'),
      });
    }
  });

  it('fail closed when a ceiling is for another unit', () => {
    const other = { source: 'caller', price: { wei: 1n, per: 1n, unit: 'fixed' } } as const;
    expect(() => checkCeiling(perSecond(1n), [other])).toThrow(
      expect.objectContaining({ code: 'unit-mismatch' }),
    );
    expect(() => lowestCeiling([...sources, other])).toThrow(
      expect.objectContaining({ code: 'unit-mismatch' }),
    );
  });

  it('pass exactly when no single ceiling refuses', () => {
    const price = fc.tuple(fc.bigInt(1n, 50n), fc.bigInt(1n, 5n)).map(([wei, per]) => perSecond(wei, per));
    fc.assert(
      fc.property(price, fc.array(price, { maxLength: 5 }), (offered, limits) => {
        const named = limits.map((limit, index) => ({ source: `${index}`, price: limit }));
        const passes = limits.every((limit) => comparePrice(offered, limit) <= 0);
        if (passes) checkCeiling(offered, named);
        else expect(() => checkCeiling(offered, named)).toThrow(PriceAboveCeilingError);
      }),
    );
  });
});

describe('isPriceWithinDouble', () => {
  it.each(vectors.validatePrice.vectors)('$orchestratorPrice after $initialPrice: $expected', (vector) => {
    const initial = vector.initialPrice === null ? undefined : parseRatio(vector.initialPrice);
    expect(isPriceWithinDouble(parseRatio(vector.orchestratorPrice), initial)).toBe(vector.expected === 'ok');
  });

  it('takes exactly the double', () => {
    expect(isPriceWithinDouble(ratio(2n, 3n), ratio(1n, 3n))).toBe(true);
    expect(isPriceWithinDouble(ratio(2_000_001n, 3_000_000n), ratio(1n, 3n))).toBe(false);
  });
});
