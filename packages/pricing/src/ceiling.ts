import { formatPrice } from './format.ts';
import { type Price, PriceError } from './price.ts';
import { compareRatio, type Ratio } from './ratio.ts';

/** A limit on the price and who set it, for example `caller`, `tenant` or `operator`. */
export type CeilingSource = { readonly source: string; readonly price: Price };

/** The price is above the lowest ceiling; choose another offer or raise the ceiling that `source` set. */
export class PriceAboveCeilingError extends Error {
  override readonly name = 'PriceAboveCeilingError';
  readonly code = 'price-above-ceiling';
  /** Who set the ceiling that was exceeded. */
  readonly source: string;
  readonly price: Price;
  readonly ceiling: Price;
  constructor(source: string, price: Price, ceiling: Price) {
    super(
      `the price of ${formatPrice(price)} is above the ceiling of ${formatPrice(ceiling)} set by ${source}; ` +
        'choose another offer or raise that ceiling',
    );
    this.source = source;
    this.price = price;
    this.ceiling = ceiling;
  }
}

/**
 * The ceiling that binds: the lowest, the first one named among equals. `undefined` when there is none.
 *
 * @throws PriceError `unit-mismatch` when the ceilings are not all for one unit.
 */
export function lowestCeiling(sources: readonly CeilingSource[]): CeilingSource | undefined {
  let lowest: CeilingSource | undefined;
  for (const candidate of sources) {
    if (lowest === undefined || comparePrice(candidate.price, lowest.price) < 0) lowest = candidate;
  }
  return lowest;
}

/**
 * Passes when `price` is at or below every ceiling, or there is none.
 *
 * @throws PriceAboveCeilingError; PriceError `unit-mismatch` when a ceiling is for another unit, since it could
 *   then not bind.
 */
export function checkCeiling(price: Price, sources: readonly CeilingSource[]): void {
  const lowest = lowestCeiling(sources);
  if (lowest !== undefined && comparePrice(price, lowest.price) > 0) {
    throw new PriceAboveCeilingError(lowest.source, price, lowest.price);
  }
}

/**
 * Order by value, not by fields: `{2, 2}` equals `{1, 1}`.
 *
 * @throws PriceError `unit-mismatch`.
 */
export function comparePrice(a: Price, b: Price): -1 | 0 | 1 {
  if (a.unit !== b.unit) {
    throw new PriceError(
      'unit-mismatch',
      `a price per '${a.unit}' cannot be compared with one per '${b.unit}'`,
    );
  }
  return compareRatio(priceRatio(a), priceRatio(b));
}

/**
 * The sender's rule for a price that moved within a session: at most **twice** the price it began with.
 * Without an initial price every price passes (pm-go-tests.json `validatePrice`).
 */
export function isPriceWithinDouble(price: Ratio, initial: Ratio | undefined): boolean {
  return initial === undefined || compareRatio(price, { n: initial.n * 2n, d: initial.d }) <= 0;
}

/** The price as a number of wei per unit; not reduced, good for comparing only. */
function priceRatio(price: Price): Ratio {
  return { n: price.wei, d: price.per };
}
