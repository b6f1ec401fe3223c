import { parseRatio } from '@lp/pricing';
import type { Clock, Transport } from '@lp/runtime';
import { ConfigError } from '@lp/service';
import { ExchangeRate } from './exchange-rate.ts';
import { readPriceFeed } from './price-feed.ts';

/**
 * The exchange rate that a configuration asks for, with a first reading. Throws `ConfigError` when it names none (a
 * ceiling in USD could not bind) and what the price feed throws.
 */
export async function exchangeRate(
  config: {
    readonly weiPerUsd: string | undefined;
    readonly rpcUrl: string | undefined;
    readonly priceFeed: string;
  },
  ports: { readonly clock: Clock; readonly transport: Transport; readonly signal: AbortSignal },
): Promise<ExchangeRate> {
  const { clock, transport, signal } = ports;
  if (config.weiPerUsd !== undefined) {
    const fixed = parseRatio(config.weiPerUsd);
    if (fixed.n > 0n) return new ExchangeRate(clock, fixed);
    throw new ConfigError('lp-gateway', [
      '--wei-per-usd (LP_GATEWAY_WEI_PER_USD): allowed is a number above 0',
    ]);
  }
  const { rpcUrl, priceFeed: feed } = config;
  if (rpcUrl === undefined) {
    throw new ConfigError('lp-gateway', [
      'an exchange rate is required for the price ceiling: --wei-per-usd (LP_GATEWAY_WEI_PER_USD) or --rpc-url (LP_GATEWAY_RPC_URL)',
    ]);
  }
  const rate = new ExchangeRate(clock, () =>
    readPriceFeed({ transport, rpcUrl, feed, signal }, clock.wallMs()),
  );
  await rate.refresh();
  return rate;
}
