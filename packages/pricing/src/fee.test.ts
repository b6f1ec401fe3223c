import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import { fee } from './fee.ts';
import { weiPerUsdFromFeed } from './feed.ts';
import { meter } from './meter.ts';
import {
  PIXELS_PER_SECOND_720P,
  type PriceUnit,
  priceFromUsd,
  priceOfWire,
  toPublishedPrice,
  toWirePrice,
} from './price.ts';
import { addRatio, ratio } from './ratio.ts';
import { formatRatio, parseRatio } from './ratio-text.ts';

const rate = (usdPerEth: string) =>
  weiPerUsdFromFeed({ description: 'ETH / USD', price: parseRatio(usdPerEth) });
const NS = 1_000_000_000n;

/** The fee of a wire price after `ms` milliseconds on the meter that belongs to it. */
function feeAfter(
  wire: { pricePerUnit: bigint; pixelsPerUnit: bigint },
  unit: PriceUnit,
  unitsPerSecond: bigint,
  ms: bigint,
): string {
  const { units } = meter({ fromNs: 0n, remainder: 0n }, unitsPerSecond, ms * 1_000_000n);
  return formatRatio(fee({ units, unit }, priceOfWire(wire, unit)));
}

describe('fee: the worked examples of live-runner.md section 11.4', () => {
  it.each([
    ['36000', '2000', 180_844_907n, 24_999_999_943_680_000n, 5_000_000_000_000_000n, 25_000_000_000_000_000n],
    ['10', '2000', 50_234n, 6_944_348_160_000n, 1_388_888_888_888n, 6_944_444_444_440n],
    ['3.50', '2000', 17_582n, 2_430_535_680_000n, 486_111_111_111n, 2_430_555_555_555n],
    ['1', '2500', 4_018n, 555_448_320_000n, 111_111_111_111n, 555_555_555_555n],
    ['0.5', '3127.45', 1_606n, 222_013_440_000n, 44_409_627_296n, 222_048_136_480n],
  ])('%s USD/h at %s USD/ETH, 5 s', (usd, usdPerEth, pixelPrice, pixelFee, secondPrice, secondFee) => {
    const weiPerUsd = rate(usdPerEth);
    const legacy = toPublishedPrice(priceFromUsd({ usd, unit: '720p', weiPerUsd }));
    expect(legacy.pricePerUnit).toBe(pixelPrice);
    expect(feeAfter(legacy, '720p-pixel-seconds', PIXELS_PER_SECOND_720P, 5000n)).toBe(`${pixelFee}`);

    const price = priceFromUsd({ usd, unit: 'hour', weiPerUsd });
    const nanoseconds = toWirePrice(price, 'nanoseconds');
    expect(nanoseconds).toMatchObject({ pricePerUnit: secondPrice, pixelsPerUnit: NS });
    expect(feeAfter(nanoseconds, 'seconds', NS, 5000n)).toBe(`${secondFee}`);

    const seconds = toWirePrice(price, 'seconds');
    expect(seconds).toMatchObject({ pricePerUnit: secondPrice, pixelsPerUnit: 1n });
    expect(feeAfter(seconds, 'seconds', 1n, 5000n)).toBe(`${secondFee}`);
  });

  it.each([
    [400n, '555547852800', '2777777777776/5', '0'],
    [1500n, '2083304448000', '2083333333332', '1388888888888'],
    [12_700n, '17638644326400', '88194444444388/5', '16666666666656'],
    [3_600_000n, '4999930675200000', '4999999999996800', '4999999999996800'],
  ])('10 USD/h at 2000 USD/ETH, %s ms', (ms, legacyFee, nanosecondFee, secondFee) => {
    const weiPerUsd = rate('2000');
    const price = priceFromUsd({ usd: '10', unit: 'hour', weiPerUsd });
    const legacy = toPublishedPrice(priceFromUsd({ usd: '10', unit: '720p', weiPerUsd }));
    expect(feeAfter(legacy, '720p-pixel-seconds', PIXELS_PER_SECOND_720P, ms)).toBe(legacyFee);
    expect(feeAfter(toWirePrice(price, 'nanoseconds'), 'seconds', NS, ms)).toBe(nanosecondFee);
    expect(feeAfter(toWirePrice(price, 'seconds'), 'seconds', 1n, ms)).toBe(secondFee);
  });

  it('of an hour at 1e15 wei a second is 3.6 ETH', () => {
    const price = { wei: 10n ** 15n, per: 1n, unit: 'seconds' } as const;
    expect(fee({ units: 3600n, unit: 'seconds' }, price)).toEqual({ n: 36n * 10n ** 17n, d: 1n });
  });

  it('of an hour at the exact price is exactly the hourly price', () => {
    const price = priceFromUsd({ usd: '10', unit: 'hour', weiPerUsd: rate('2000') });
    expect(fee({ units: 3600n, unit: 'seconds' }, price)).toEqual({ n: 5n * 10n ** 15n, d: 1n });
  });
});

describe('fee', () => {
  it('is exact and additive', () => {
    const units = fc.bigInt({ min: 0n, max: 2n ** 70n });
    const term = fc.bigInt({ min: 1n, max: 2n ** 63n });
    fc.assert(
      fc.property(units, units, term, term, (a, b, wei, per) => {
        const price = { wei, per, unit: 'fixed' } as const;
        const of = (n: bigint) => fee({ units: n, unit: 'fixed' }, price);
        expect(addRatio(of(a), of(b))).toEqual(of(a + b));
        expect(of(a)).toEqual(ratio(a * wei, per));
      }),
    );
  });

  it('refuses another unit and negative quantities', () => {
    const price = { wei: 1n, per: 1n, unit: 'seconds' } as const;
    expect(() => fee({ units: 1n, unit: 'fixed' }, price)).toThrow(
      expect.objectContaining({ code: 'unit-mismatch' }),
    );
    expect(() => fee({ units: 1n, unit: '720p-pixel-seconds' }, price)).toThrow();
    expect(() => fee({ units: -1n, unit: 'seconds' }, price)).toThrow(
      expect.objectContaining({ code: 'negative' }),
    );
  });

  it.each(vectors.debitFees.vectors)(
    'debits $pixels pixels at $price',
    ({ price, pixels, expectedBalance }) => {
      const { n, d } = parseRatio(price);
      const debit = fee(
        { units: BigInt(pixels), unit: '720p-pixel-seconds' },
        { wei: n, per: d, unit: '720p-pixel-seconds' },
      );
      expect(formatRatio(ratio(-debit.n, debit.d))).toBe(expectedBalance);
    },
  );

  it.each(vectors.estimateFee.vectors)('estimates $pixels pixels', ({ pixels, price, expectedFee }) => {
    const overhead = parseRatio(vectors.estimateFee.multiplierExact);
    const unit = '720p-pixel-seconds';
    const wei = BigInt(price) * overhead.n;
    expect(formatRatio(fee({ units: BigInt(pixels), unit }, { wei, per: overhead.d, unit }))).toBe(
      expectedFee,
    );
  });
});
