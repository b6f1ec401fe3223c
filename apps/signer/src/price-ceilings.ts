import type { PriceCeiling } from '@lp/pm/sender';
import { compareRatio, divRatio, parseRatio, type Ratio } from '@lp/pricing';

/** The operator's highest prices as text, per unit (see `options`); absent for any price. */
export interface CeilingOptions {
  readonly maxWeiPerSecond: string | undefined;
  readonly maxWeiPerPixel: string | undefined;
  readonly maxWeiPerJob: string | undefined;
  readonly maxWeiPerUnit: string | undefined;
}

/** Named in refusals, as go-livepeer does. */
export const CEILING_SOURCE = 'configured maximum price';

/**
 * The operator's ceilings, each for its own payment type: a price per pixel is never compared with one per second
 * (remote-signer.md H10). Calls that count their own units (`type: ""`) are bound by `maxWeiPerUnit`, or else by the
 * highest of the others, so that leaving the type out is no way around them.
 *
 * @throws RatioError for text that is no number.
 */
export function priceCeilings(options: CeilingOptions): PriceCeiling[] {
  const typed = [
    ceiling('live', options.maxWeiPerSecond),
    ceiling('lv2v', options.maxWeiPerPixel),
    ceiling('fixed', options.maxWeiPerJob),
  ].flat();
  if (options.maxWeiPerUnit !== undefined) return [...typed, ...ceiling('', options.maxWeiPerUnit)];
  const highest = typed.reduce<Ratio | undefined>(
    (best, { price }) => (best === undefined || compareRatio(price, best) > 0 ? price : best),
    undefined,
  );
  return highest === undefined ? typed : [...typed, { source: CEILING_SOURCE, price: highest, types: [''] }];
}

function ceiling(type: 'live' | 'lv2v' | 'fixed' | '', text: string | undefined): PriceCeiling[] {
  return text === undefined
    ? []
    : [{ source: CEILING_SOURCE, price: decimalOrFraction(text), types: [type] }];
}

/** `10/9`, `0.36` and `0.5/3` alike. */
export function decimalOrFraction(text: string): Ratio {
  const [numerator = '', denominator] = text.split('/');
  const [n, d] = [parseRatio(numerator), parseRatio(denominator ?? '1')];
  return divRatio(n, d);
}
