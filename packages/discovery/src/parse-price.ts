import { type Price, type PriceUnit, parseRatio, type Ratio } from '@lp/pricing';
import { JsonDecimal } from '@lp/protocol';

const UNITS: ReadonlyMap<string, PriceUnit> = new Map([
  ['seconds', 'seconds'],
  ['720p-pixel-seconds', '720p-pixel-seconds'],
  ['fixed', 'fixed'],
]);
const MAX_INT64 = 2n ** 63n - 1n;
/** Exact prices are computed with, and listed again; nobody prices more finely. */
const MAX_DECIMALS = 400;

const exactValue = (value: unknown): Ratio | undefined => {
  try {
    if (typeof value === 'bigint') return { n: value, d: 1n };
    if (typeof value === 'number' && Number.isSafeInteger(value)) return { n: BigInt(value), d: 1n };
    if (value instanceof JsonDecimal) return parseRatio(value.text);
    // Decimal text only: a ratio is not a price on this wire.
    if (typeof value === 'string' && !value.includes('/')) return parseRatio(value.trim());
    return undefined;
  } catch {
    return undefined;
  }
};

const lower = (value: unknown): string => (typeof value === 'string' ? value.trim().toLowerCase() : '');

/**
 * Exact price of a published `price_info {price, currency, unit}` (client.md section 2.3): a number or a numeric
 * string, in wei, above 0 and at most 2^63 - 1, with at most 400 decimals; currency and unit in any case.
 *
 * @returns the price, or what is wrong with it as text
 */
export function parseOfferPrice(info: unknown): Price | string {
  if (typeof info !== 'object' || info === null) return 'price_info is not an object';
  const { price, currency, unit } = info as Record<string, unknown>;
  if (lower(currency) !== 'wei') return 'price_info.currency is not wei';
  const known = UNITS.get(lower(unit));
  if (known === undefined) return 'price_info.unit is not seconds, 720p-pixel-seconds or fixed';
  const value = exactValue(price);
  if (value === undefined) return 'price_info.price is not a number';
  if (value.n <= 0n) return 'price_info.price is not above 0';
  if (value.n > MAX_INT64 * value.d) return 'price_info.price is above 2^63 - 1';
  if (10n ** BigInt(MAX_DECIMALS) % value.d !== 0n)
    return `price_info.price has more than ${MAX_DECIMALS} decimals`;
  return { wei: value.n, per: value.d, unit: known };
}
