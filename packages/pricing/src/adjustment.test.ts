import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import { adjustForTxCost, fixedToPrice, priceToFixed } from './adjustment.ts';
import { ratio } from './ratio.ts';
import { formatRatio, parseRatio } from './ratio-text.ts';

describe('priceToFixed', () => {
  it.each(vectors.priceToFixed.vectors)('$price is $expected thousandths', ({ price, expected }) => {
    expect(priceToFixed(parseRatio(price))).toBe(BigInt(expected));
  });

  it('truncates toward zero and clamps to int64', () => {
    expect(priceToFixed(ratio(-1n, 3000n))).toBe(0n);
    expect(priceToFixed(ratio(-3n, 2n))).toBe(-1500n);
    expect(priceToFixed(ratio(2n ** 63n))).toBe(2n ** 63n - 1n);
    expect(priceToFixed(ratio(-(2n ** 63n)))).toBe(-(2n ** 63n));
  });

  it('is undone by fixedToPrice', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (thousandths) => {
        expect(priceToFixed(fixedToPrice(thousandths))).toBe(thousandths);
      }),
    );
  });
});

describe('adjustForTxCost', () => {
  const { vectors: rows, overflowCase } = vectors.orchestratorAutoAdjustedPrice;

  it.each(rows)('$basePrice with multiplier $txCostMultiplier is $expected', (row) => {
    expect(formatRatio(adjustForTxCost(parseRatio(row.basePrice), parseRatio(row.txCostMultiplier)))).toBe(
      row.expected,
    );
  });

  it('truncates a long overhead to thousandths', () => {
    const multiplier = ratio(BigInt(overflowCase.faceValue), BigInt(overflowCase.txCost));
    expect(formatRatio(multiplier)).toBe(overflowCase.txCostMultiplier);
    expect(adjustForTxCost(parseRatio(overflowCase.basePrice), multiplier)).toEqual(
      parseRatio(overflowCase.published),
    );
  });

  it('adds nothing without a transaction cost', () => {
    expect(adjustForTxCost(ratio(25_000n), ratio(0n))).toEqual(ratio(25_000n));
  });
});
