import { formatEth, type Price, type Ratio, ratio, roundedDecimal, usdFromWei } from '@lp/pricing';
import { z } from 'zod';

/** An amount for programs (`wei`, exact) and for people. */
export const amountSchema = z
  .object({
    wei: z.string().meta({ description: 'Exact, whole wei.' }),
    eth: z.string().meta({ description: 'The same amount in ETH, exact.' }),
    usd: z
      .string()
      .nullable()
      .meta({ description: 'Rounded to a millionth; null without an exchange rate.' }),
  })
  .meta({ description: 'An amount of money.' });

/** A price for programs (`wei` per `per` units, exact) and for people. */
export const priceSchema = z
  .object({
    wei: z.string(),
    per: z.string(),
    unit: z.enum(['seconds', 'fixed', '720p-pixel-seconds']),
    weiPerSecond: z
      .string()
      .nullable()
      .meta({ description: 'Rounded to a thousandth of a wei; null for other units.' }),
    usdPerHour: z
      .string()
      .nullable()
      .meta({ description: 'Rounded to a ten-thousandth; null without a rate.' }),
  })
  .meta({ description: 'Exactly wei / per for one unit.' });

/** Shows an amount; `weiPerUsd` undefined leaves USD out. */
export function amountView(wei: bigint, weiPerUsd: Ratio | undefined): z.infer<typeof amountSchema> {
  return {
    wei: `${wei}`,
    eth: formatEth(wei).replace(' ETH', ''),
    usd: weiPerUsd === undefined ? null : roundedDecimal(usdFromWei(wei, weiPerUsd), 6),
  };
}

/** Shows a price. */
export function priceView(price: Price, weiPerUsd: Ratio | undefined): z.infer<typeof priceSchema> {
  const perSecond = price.unit === 'seconds';
  const hour = ratio(price.wei * 3600n, price.per);
  return {
    wei: `${price.wei}`,
    per: `${price.per}`,
    unit: price.unit,
    weiPerSecond: perSecond ? roundedDecimal(ratio(price.wei, price.per), 3) : null,
    usdPerHour: perSecond && weiPerUsd !== undefined ? roundedDecimal(usdFromWei(hour, weiPerUsd), 4) : null,
  };
}
