import { priceFromUsd, ratio, toWirePrice } from '@lp/pricing';

/**
 * The settings that make a development network: small tickets that win often, so that every step of a payment shows
 * within a minute. On a real network a ticket wins once in a million times and pays a million times more.
 */
const USD_PER_ETH = 2_000n;
const weiPerUsd = ratio(10n ** 18n, USD_PER_ETH);
const PRICE_USD_PER_HOUR = '0.50';
const price = priceFromUsd({ usd: PRICE_USD_PER_HOUR, unit: 'hour', weiPerUsd });
const weiPerSecond = toWirePrice(price, 'seconds').pricePerUnit;

/** Fixed numbers of the development network. */
export const DEVELOPMENT = {
  app: 'lp/edges',
  usdPerEth: USD_PER_ETH,
  weiPerUsd,
  /** What the example runner asks for. */
  priceUsdPerHour: PRICE_USD_PER_HOUR,
  /** What clients are willing to pay. */
  ceilingUsdPerHour: '4',
  /** The runner's price as published, rounded down. */
  weiPerSecond,
  /** A ticket is worth one second of the runner's price. */
  ticketEvWei: weiPerSecond,
  /** Twice the EV: every second ticket wins. */
  faceValueWei: 2n * weiPerSecond,
  /** Debits of a session; 5 s elsewhere. */
  debitIntervalMs: 1_000,
  blockTimeMs: 1_000,
  /** Blocks. Ticket params live for 40, so each winner is redeemed well within its round or the next. */
  roundLength: 120,
  /** Blocks after which a winning ticket's params have expired, so that it may be redeemed (chain.md section 7). */
  paramsBlocks: 40,
  /** Sessions at the same time on the example runner. */
  capacity: 4,
} as const;
