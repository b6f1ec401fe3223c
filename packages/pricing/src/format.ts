import { floorDiv } from './integer.ts';
import type { Price, PriceUnit } from './price.ts';
import { divRatio, type Ratio, ratio } from './ratio.ts';

const UNIT_TEXT: Record<PriceUnit, string> = {
  seconds: 'wei/s',
  fixed: 'wei',
  '720p-pixel-seconds': 'wei/pixel',
};

/** Exact USD for an amount of wei. */
export function usdFromWei(wei: bigint | Ratio, weiPerUsd: Ratio): Ratio {
  return divRatio(asRatio(wei), weiPerUsd);
}

/**
 * Text for people: `'$0.50'`. Rounded **half away from zero** to `decimals` (2); never use it for arithmetic.
 *
 * @example formatUsd(ratio(1n, 3n), 4) // '$0.3333'
 */
export function formatUsd(usd: Ratio, decimals = 2): string {
  const text = roundedDecimal(usd, decimals);
  return text.startsWith('-') ? `-$${text.slice(1)}` : `$${text}`;
}

/**
 * Text for people: `'3.6 ETH'`, without trailing zeros. Exact for whole wei; a fraction of a wei is rounded
 * **half away from zero**.
 */
export function formatEth(wei: bigint | Ratio): string {
  const text = roundedDecimal(divRatio(asRatio(wei), ratio(10n ** 18n)), 18);
  return `${text.replace(/\.?0+$/, '')} ETH`;
}

/** Text for people and messages, exact: `'12500000000000/9 wei/s'`. */
export function formatPrice(price: Price): string {
  const amount = price.per === 1n ? `${price.wei}` : `${price.wei}/${price.per}`;
  return `${amount} ${UNIT_TEXT[price.unit]}`;
}

/** Decimal text with exactly `decimals` places, rounded **half away from zero** (Go's `FloatString`). */
export function roundedDecimal(r: Ratio, decimals: number): string {
  const scale = 10n ** BigInt(decimals);
  const magnitude = floorDiv((r.n < 0n ? -r.n : r.n) * scale * 2n + r.d, r.d * 2n);
  const sign = r.n < 0n && magnitude > 0n ? '-' : '';
  if (decimals === 0) return `${sign}${magnitude}`;
  const digits = magnitude.toString().padStart(decimals + 1, '0');
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function asRatio(value: bigint | Ratio): Ratio {
  return typeof value === 'bigint' ? ratio(value) : value;
}
