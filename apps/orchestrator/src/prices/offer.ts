import { type PriceError, priceFromUsd, toPublishedPrice } from '@lp/pricing';
import { Refusal } from '../errors.ts';
import type { OfferedPrice } from '../payments/desk.ts';
import type { Runner } from '../registry/runner.ts';
import type { ExchangeRate } from './rate.ts';

const unavailable = (why: string, cause?: unknown): Refusal =>
  new Refusal(503, `live runner price unavailable: ${why}`, { code: 'price-unavailable', cause });

/**
 * What a runner costs at this moment: its dollars at the current rate, floored to whole wei per unit
 * (live-runner.md section 11.2).
 *
 * @throws Refusal 503 while no rate is known, or when the price is below one wei or above int64.
 */
export function offerOf(runner: Runner, rate: ExchangeRate): OfferedPrice {
  const { price } = runner.registration;
  if (price === undefined) throw unavailable('the runner registered no price');
  const weiPerUsd = rate.weiPerUsd();
  if (weiPerUsd === undefined) throw unavailable('no exchange rate yet');
  try {
    const published = toPublishedPrice(priceFromUsd({ usd: price.usd, unit: price.unit, weiPerUsd }));
    return {
      runner: runner.route,
      price: { pricePerUnit: published.pricePerUnit, pixelsPerUnit: published.pixelsPerUnit },
      unit: published.meterUnit,
    };
  } catch (error) {
    throw unavailable((error as PriceError).message, error); // pricing throws nothing but its own errors
  }
}
