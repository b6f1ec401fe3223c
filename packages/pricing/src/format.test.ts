import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEth, formatPrice, formatUsd, roundedDecimal, usdFromWei } from './format.ts';
import { ratio } from './ratio.ts';
import { parseRatio } from './ratio-text.ts';

describe('text for people', () => {
  it.each([
    [0n, '0 ETH'],
    [1n, '0.000000000000000001 ETH'],
    [10n ** 18n, '1 ETH'],
    [10n * 10n ** 18n, '10 ETH'],
    [3_600_000_000_000_000_000n, '3.6 ETH'],
    [-5n * 10n ** 17n, '-0.5 ETH'],
  ])('%s wei is %s', (wei, text) => {
    expect(formatEth(wei)).toBe(text);
  });

  it('shows whole wei exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 128n), max: 2n ** 128n }), (wei) => {
        const eth = parseRatio(formatEth(wei).replace(' ETH', ''));
        expect(eth).toEqual(ratio(wei, 10n ** 18n));
      }),
    );
  });

  it('shows USD from wei', () => {
    const weiPerUsd = ratio(10n ** 18n, 2000n);
    expect(formatUsd(usdFromWei(5n * 10n ** 15n, weiPerUsd))).toBe('$10.00');
    expect(formatUsd(usdFromWei(ratio(12_500_000_000_000n, 9n), weiPerUsd), 6)).toBe('$0.002778');
    expect(formatUsd(ratio(-1n, 4n))).toBe('-$0.25');
    expect(formatUsd(ratio(-1n, 1000n))).toBe('$0.00');
  });

  it('rounds half away from zero', () => {
    expect(roundedDecimal(ratio(5n, 2n), 0)).toBe('3');
    expect(roundedDecimal(ratio(-5n, 2n), 0)).toBe('-3');
    expect(roundedDecimal(ratio(101n), 5)).toBe('101.00000');
    expect(roundedDecimal(ratio(1n, 200_000n), 5)).toBe('0.00001');
    expect(roundedDecimal(ratio(-1n, 200_001n), 5)).toBe('0.00000');
  });

  it('shows prices with their unit', () => {
    expect(formatPrice({ wei: 12_500_000_000_000n, per: 9n, unit: 'seconds' })).toBe(
      '12500000000000/9 wei/s',
    );
    expect(formatPrice({ wei: 3n, per: 1n, unit: 'fixed' })).toBe('3 wei');
    expect(formatPrice({ wei: 3n, per: 1n, unit: '720p-pixel-seconds' })).toBe('3 wei/pixel');
  });
});
