import { compareRatio, ratio } from '@lp/pricing';
import type { PriceInfo } from '@lp/protocol';
import type { OfferedPrice } from './desk.ts';

/** Prices that were offered in challenges and may still be taken. */
export interface QuoteBook {
  /** Remembers the offer behind `manifestId` until `expiresAt` (unix seconds). */
  record(manifestId: string, offered: OfferedPrice, expiresAt: bigint): void;
  /**
   * Whether `price` may open session `manifestId` on the runner of `offered` now (live-runner.md section 14.3): it is
   * the runner's price at this moment, or the price that was quoted for this manifest and runner.
   */
  allows(manifestId: string, price: PriceInfo, offered: OfferedPrice, now: bigint): boolean;
  readonly size: number;
}

/** Two prices of one unit are the same when their ratios are: `{2, 2}` is `{1, 1}`. False for one per 0 units. */
export const samePrice = (a: PriceInfo, b: PriceInfo): boolean =>
  a.pixelsPerUnit > 0n &&
  b.pixelsPerUnit > 0n &&
  compareRatio(ratio(a.pricePerUnit, a.pixelsPerUnit), ratio(b.pricePerUnit, b.pixelsPerUnit)) === 0;

/**
 * Quotes in memory: they need not outlive the process, as auth tokens do not either. Bounded: the oldest goes first,
 * and its holder can still open at the runner's current price.
 */
export function quoteBook(maxQuotes = 100_000): QuoteBook {
  const quotes = new Map<string, { readonly offered: OfferedPrice; readonly expiresAt: bigint }>();
  return {
    record(manifestId, offered, expiresAt) {
      quotes.set(manifestId, { offered, expiresAt });
      if (quotes.size <= maxQuotes) return;
      const [oldest] = quotes.keys();
      if (oldest !== undefined) quotes.delete(oldest);
    },
    allows(manifestId, price, offered, now) {
      if (samePrice(price, offered.price)) return true;
      const quote = quotes.get(manifestId);
      if (quote === undefined) return false;
      if (now > quote.expiresAt) {
        quotes.delete(manifestId);
        return false;
      }
      return (
        quote.offered.runner === offered.runner &&
        quote.offered.unit === offered.unit &&
        samePrice(price, quote.offered.price)
      );
    },
    get size() {
      return quotes.size;
    },
  };
}
