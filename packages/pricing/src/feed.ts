import { PriceError } from './price.ts';
import { type Ratio, ratio } from './ratio.ts';

const WEI_PER_ETH = 10n ** 18n;

/**
 * Exact wei per US dollar from a Chainlink answer: `ETH / USD` feeds say USD per ETH, `USD / ETH` feeds ETH per USD
 * (payments.md section 5; chain.md section 10).
 *
 * @throws PriceError `not-positive` for an answer of 0 or below; `unknown-feed` for another pair.
 * @example weiPerUsdFromFeed({ description: 'ETH / USD', price: ratio(2000n) }) // { n: 500000000000000n, d: 1n }
 */
export function weiPerUsdFromFeed(feed: { readonly description: string; readonly price: Ratio }): Ratio {
  const { n, d } = feed.price;
  if (n <= 0n) throw new PriceError('not-positive', 'the price feed answered 0 or less');
  switch (feed.description.replaceAll(' ', '').toUpperCase()) {
    case 'ETH/USD':
      return ratio(WEI_PER_ETH * d, n);
    case 'USD/ETH':
      return ratio(WEI_PER_ETH * n, d);
    default:
      throw new PriceError(
        'unknown-feed',
        'the price feed must be ETH / USD or USD / ETH; configure another one',
      );
  }
}
