import { type Price, PriceError, type PriceUnit } from './price.ts';
import { type Ratio, ratio } from './ratio.ts';

/**
 * Exact wei for a quantity: `units * wei / per`, never rounded (payments.md section 5).
 *
 * @throws PriceError `unit-mismatch`; `negative` units.
 * @example fee({ units: 5n, unit: 'seconds' }, { wei: 7n, per: 2n, unit: 'seconds' }) // { n: 35n, d: 2n }
 */
export function fee(quantity: { readonly units: bigint; readonly unit: PriceUnit }, price: Price): Ratio {
  if (quantity.unit !== price.unit) {
    throw new PriceError(
      'unit-mismatch',
      `the price is per '${price.unit}', the quantity in '${quantity.unit}'`,
    );
  }
  if (quantity.units < 0n) throw new PriceError('negative', 'a metered quantity is never negative');
  return ratio(quantity.units * price.wei, price.per);
}
