import { floorDiv } from './integer.ts';
import { divRatio, mulRatio, type Ratio, ratio } from './ratio.ts';
import { parseRatio } from './ratio-text.ts';

/** What a price counts (live-runner.md section 11.2). `720p-pixel-seconds` is one pixel, whatever its name says. */
export type PriceUnit = 'seconds' | 'fixed' | '720p-pixel-seconds';

/** Exactly `wei / per` wei for one `unit`; not negative, lowest terms when made by this package. */
export type Price = { readonly wei: bigint; readonly per: bigint; readonly unit: PriceUnit };

/** Why a price cannot be made or used. */
export type PriceErrorCode =
  | 'not-positive'
  | 'below-one-wei'
  | 'above-int64'
  | 'pixels-per-unit-zero'
  | 'negative'
  | 'unit-mismatch'
  | 'unknown-feed';

/** A price or a quantity is not usable as asked; the message says what to change. */
export class PriceError extends Error {
  override readonly name = 'PriceError';
  readonly code: PriceErrorCode;
  constructor(code: PriceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Pixels that one second of the legacy 720p unit stands for: 1280 x 720 at 30 frames per second. */
export const PIXELS_PER_SECOND_720P = 27_648_000n;

const MAX_INT64 = 2n ** 63n - 1n;
const NS_PER_SECOND = 1_000_000_000n;

const USD_UNITS = {
  second: { unit: 'seconds', perUsdUnit: 1n },
  hour: { unit: 'seconds', perUsdUnit: 3600n },
  '720p': { unit: '720p-pixel-seconds', perUsdUnit: 3600n * PIXELS_PER_SECOND_720P },
  fixed: { unit: 'fixed', perUsdUnit: 1n },
} as const satisfies Record<string, { unit: PriceUnit; perUsdUnit: bigint }>;

/**
 * Exact price for a USD amount; nothing is rounded (live-runner.md section 11.2).
 *
 * `usd` is read by `parseRatio`. `'720p'` is the legacy unit: USD per hour of 1280x720 at 30 frames per second,
 * turned into wei per pixel.
 *
 * @throws PriceError `not-positive`; RatioError when `usd` is not a number.
 * @example priceFromUsd({ usd: '10', unit: 'hour', weiPerUsd: ratio(10n ** 18n, 2000n) })
 *   // { wei: 12500000000000n, per: 9n, unit: 'seconds' }
 */
export function priceFromUsd(input: {
  readonly usd: string;
  readonly unit: 'second' | 'hour' | '720p' | 'fixed';
  readonly weiPerUsd: Ratio;
}): Price {
  const usd = parseRatio(input.usd);
  if (usd.n <= 0n) throw new PriceError('not-positive', 'a price in USD must be above 0');
  if (input.weiPerUsd.n <= 0n) throw new PriceError('not-positive', 'the exchange rate must be above 0');
  const { unit, perUsdUnit } = USD_UNITS[input.unit];
  const wei = divRatio(mulRatio(usd, input.weiPerUsd), ratio(perUsdUnit));
  return { wei: wei.n, per: wei.d, unit };
}

/** A price as `PriceInfo` carries it, with the name of what the meter counts. */
export type WirePrice = {
  /** Wei, 1 to 2^63 - 1. */
  readonly pricePerUnit: bigint;
  /** Metered units that `pricePerUnit` buys. */
  readonly pixelsPerUnit: bigint;
  readonly meterUnit: string;
};

/**
 * A per-second price for the wire, **floored** to whole wei per second in both forms.
 *
 * `'seconds'`: `{wei per second, 1}`, metered in seconds (Livepeer master). `'nanoseconds'`: `{wei per second, 1e9}`,
 * metered in wall-clock nanoseconds (live-runner.md section 11.4, B).
 *
 * @throws PriceError `unit-mismatch` unless the unit is seconds; `below-one-wei`; `above-int64`.
 */
export function toWirePrice(price: Price, form: 'seconds' | 'nanoseconds'): WirePrice {
  if (price.unit !== 'seconds') {
    throw new PriceError('unit-mismatch', `a per-second price is needed, this one is per '${price.unit}'`);
  }
  return {
    pricePerUnit: wholeWei(price),
    pixelsPerUnit: form === 'seconds' ? 1n : NS_PER_SECOND,
    meterUnit: form,
  };
}

/**
 * Any price as Livepeer master publishes it: `{wei per unit, 1}`, **floored** (payments.md section 5).
 *
 * @throws PriceError `below-one-wei`; `above-int64`.
 */
export function toPublishedPrice(price: Price): WirePrice & { readonly meterUnit: PriceUnit } {
  return { pricePerUnit: wholeWei(price), pixelsPerUnit: 1n, meterUnit: price.unit };
}

/**
 * The exact price that a `PriceInfo` states for `unit`, in lowest terms.
 *
 * @throws PriceError `pixels-per-unit-zero`; `negative`.
 */
export function priceOfWire(
  info: { readonly pricePerUnit: bigint; readonly pixelsPerUnit: bigint },
  unit: PriceUnit,
): Price {
  if (info.pixelsPerUnit === 0n) throw new PriceError('pixels-per-unit-zero', 'pixels per unit is 0');
  const { n, d } = ratio(info.pricePerUnit, info.pixelsPerUnit);
  if (n < 0n || info.pixelsPerUnit < 0n) throw new PriceError('negative', 'a price is never negative');
  return { wei: n, per: d, unit };
}

function wholeWei(price: Price): bigint {
  const wei = floorDiv(price.wei, price.per);
  if (wei < 1n) {
    throw new PriceError('below-one-wei', `the price is below 1 wei per unit (${price.unit}); raise it`);
  }
  if (wei > MAX_INT64) {
    throw new PriceError('above-int64', `the price is above 2^63 - 1 wei per unit (${price.unit}); lower it`);
  }
  return wei;
}
