import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import { weiPerUsdFromFeed } from './feed.ts';
import { floorDiv } from './integer.ts';
import { PriceError, priceFromUsd, priceOfWire, toPublishedPrice, toWirePrice } from './price.ts';
import { compareRatio, floorRatio, mulRatio, RatioError, ratio } from './ratio.ts';
import { formatRatio, parseRatio } from './ratio-text.ts';

const WEI_PER_ETH = 10n ** 18n;
const rate = (usdPerEth: string) =>
  weiPerUsdFromFeed({ description: 'ETH / USD', price: parseRatio(usdPerEth) });

describe('priceFromUsd', () => {
  it('is exact', () => {
    expect(priceFromUsd({ usd: '10', unit: 'hour', weiPerUsd: rate('2000') })).toEqual({
      wei: 12500000000000n,
      per: 9n,
      unit: 'seconds',
    });
    expect(priceFromUsd({ usd: '10', unit: 'second', weiPerUsd: rate('2000') })).toEqual({
      wei: 5_000_000_000_000_000n,
      per: 1n,
      unit: 'seconds',
    });
    expect(priceFromUsd({ usd: '36000', unit: 'hour', weiPerUsd: rate('2000') })).toEqual(
      priceFromUsd({ usd: '10', unit: 'second', weiPerUsd: rate('2000') }),
    );
  });

  it.each(['0', '-1', '-0.5'])('refuses %s USD', (usd) => {
    expect(() => priceFromUsd({ usd, unit: 'hour', weiPerUsd: ratio(1n) })).toThrow(
      expect.objectContaining({ code: 'not-positive' }),
    );
  });

  it('refuses what is no number or no rate', () => {
    expect(() => priceFromUsd({ usd: '$1', unit: 'hour', weiPerUsd: ratio(1n) })).toThrow(RatioError);
    expect(() => priceFromUsd({ usd: '1', unit: 'hour', weiPerUsd: ratio(0n) })).toThrow(PriceError);
  });

  it('follows live-runner.md section 11.4, other values', () => {
    const published = (usd: string, unit: 'hour' | '720p' | 'fixed', usdPerEth: string) =>
      toPublishedPrice(priceFromUsd({ usd, unit, weiPerUsd: rate(usdPerEth) }));
    expect(published('0.001', 'fixed', '2000')).toEqual({
      pricePerUnit: 500_000_000_000n,
      pixelsPerUnit: 1n,
      meterUnit: 'fixed',
    });
    expect(published('0.03', 'fixed', '3549.59').pricePerUnit).toBe(8_451_680_334_911n);
    expect(published('10', '720p', '2000')).toEqual({
      pricePerUnit: 50_234n,
      pixelsPerUnit: 1n,
      meterUnit: '720p-pixel-seconds',
    });
    expect(published('7.2e-12', 'hour', '2000').pricePerUnit).toBe(1n);
    expect(() => published('7.19e-12', 'hour', '2000')).toThrow(
      expect.objectContaining({ code: 'below-one-wei' }),
    );
    expect(published('10', 'hour', '2000').pricePerUnit).toBe((5n * 10n ** 15n) / 3600n);
    expect(published('10', '720p', '2000').pricePerUnit).toBe((5n * 10n ** 15n) / 99_532_800_000n);
  });
});

describe('toWirePrice', () => {
  it('publishes {floor(wei per second), 1} or the same over 1e9 nanoseconds', () => {
    const price = priceFromUsd({ usd: '10', unit: 'hour', weiPerUsd: rate('2000') });
    expect(toWirePrice(price, 'seconds')).toEqual({
      pricePerUnit: 1_388_888_888_888n,
      pixelsPerUnit: 1n,
      meterUnit: 'seconds',
    });
    expect(toWirePrice(price, 'nanoseconds')).toEqual({
      pricePerUnit: 1_388_888_888_888n,
      pixelsPerUnit: 1_000_000_000n,
      meterUnit: 'nanoseconds',
    });
  });

  it('holds int64 on both ends', () => {
    const max = 2n ** 63n - 1n;
    const seconds = (wei: bigint, per = 1n) =>
      toWirePrice({ wei, per, unit: 'seconds' }, 'seconds').pricePerUnit;
    expect(seconds(max)).toBe(max);
    expect(seconds(max * 2n + 1n, 2n)).toBe(max);
    expect(() => seconds(max + 1n)).toThrow(expect.objectContaining({ code: 'above-int64' }));
    expect(seconds(1n)).toBe(1n);
    expect(seconds(19n, 10n)).toBe(1n);
    expect(() => seconds(9n, 10n)).toThrow(expect.objectContaining({ code: 'below-one-wei' }));
    expect(() => seconds(0n)).toThrow(PriceError);
  });

  it.each(['fixed', '720p-pixel-seconds'] as const)('refuses the unit %s', (unit) => {
    for (const form of ['seconds', 'nanoseconds'] as const) {
      expect(() => toWirePrice({ wei: 5n, per: 1n, unit }, form)).toThrow(
        expect.objectContaining({ code: 'unit-mismatch' }),
      );
    }
  });

  it('never rounds up, and never loses a wei per second', () => {
    const term = fc.bigInt({ min: 1n, max: 2n ** 62n });
    fc.assert(
      fc.property(term, term, (wei, per) => {
        fc.pre(wei >= per);
        const { pricePerUnit } = toWirePrice({ wei, per, unit: 'seconds' }, 'nanoseconds');
        expect(pricePerUnit * per <= wei && (pricePerUnit + 1n) * per > wei).toBe(true);
      }),
    );
  });
});

describe('priceOfWire', () => {
  it.each(vectors.ratPriceInfo.vectors)('follows the vector $pricePerUnit/$pixelsPerUnit', (vector) => {
    if (vector.pricePerUnit === undefined || vector.pixelsPerUnit === undefined) return;
    const info = { pricePerUnit: BigInt(vector.pricePerUnit), pixelsPerUnit: BigInt(vector.pixelsPerUnit) };
    if (vector.expectedError !== undefined) {
      expect(() => priceOfWire(info, 'seconds')).toThrow(vector.expectedError);
    } else {
      const price = priceOfWire(info, 'seconds');
      expect(formatRatio(ratio(price.wei, price.per))).toBe(vector.expected);
    }
  });

  it('reduces, keeps zero and refuses negative parts', () => {
    expect(priceOfWire({ pricePerUnit: 5_000_000_000n, pixelsPerUnit: 10n ** 9n }, 'seconds')).toEqual({
      wei: 5n,
      per: 1n,
      unit: 'seconds',
    });
    expect(priceOfWire({ pricePerUnit: 0n, pixelsPerUnit: 3n }, 'fixed').wei).toBe(0n);
    for (const [pricePerUnit, pixelsPerUnit] of [
      [-1n, 1n],
      [1n, -1n],
      [-1n, -1n],
    ] as const) {
      expect(() => priceOfWire({ pricePerUnit, pixelsPerUnit }, 'seconds')).toThrow(
        expect.objectContaining({ code: 'negative' }),
      );
    }
  });
});

describe('weiPerUsdFromFeed', () => {
  it.each(vectors.autoConvertedPrice.vectors)('converts $priceUsd USD by $feedDescription', (vector) => {
    const weiPerUsd = weiPerUsdFromFeed({
      description: vector.feedDescription,
      price: parseRatio(vector.feedPrice),
    });
    expect(formatRatio(mulRatio(parseRatio(vector.priceUsd), weiPerUsd))).toBe(vector.expectedWei);
    const price = priceFromUsd({ usd: vector.priceUsd, unit: 'fixed', weiPerUsd });
    expect(formatRatio(ratio(price.wei, price.per))).toBe(vector.expectedWei);
  });

  it.each(vectors.autoConvertedPrice.multiplier)('is the multiplier of a $feedBase feed', (vector) => {
    const description = vector.feedBase === 'ETH' ? 'ETH / USD' : 'USD / ETH';
    const multiplier = weiPerUsdFromFeed({ description, price: parseRatio(vector.feedPrice) });
    expect(formatRatio(multiplier)).toBe(vector.expectedWeiPerUnit);
  });

  it('refuses other feeds and answers', () => {
    expect(() => weiPerUsdFromFeed({ description: 'BTC / USD', price: ratio(1n) })).toThrow(
      expect.objectContaining({ code: 'unknown-feed' }),
    );
    expect(() => weiPerUsdFromFeed({ description: 'ETH / USD', price: ratio(0n) })).toThrow(PriceError);
  });

  it('floors to the published price as the table of live-runner.md section 11.2 asks', () => {
    const cents = fc.bigInt({ min: 1n, max: 10n ** 7n });
    fc.assert(
      fc.property(cents, cents, (usdCents, ethCents) => {
        const usd = `${usdCents}e-2`;
        const price = priceFromUsd({ usd, unit: 'hour', weiPerUsd: rate(`${ethCents}e-2`) });
        const expected = floorDiv(usdCents * WEI_PER_ETH, 3600n * ethCents);
        expect(floorRatio(ratio(price.wei, price.per))).toBe(expected);
        expect(
          compareRatio(ratio(price.wei, price.per), ratio(usdCents * WEI_PER_ETH, 3600n * ethCents)),
        ).toBe(0);
      }),
    );
  });
});
