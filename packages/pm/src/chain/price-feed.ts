import { PriceError, type Ratio, ratio, weiPerUsdFromFeed } from '@lp/pricing';
import type { Hex } from '../types.ts';
import { latestBlock } from './block.ts';
import { ChainError } from './chain-error.ts';
import { ABI, viewCall } from './contracts.ts';
import type { Rpc } from './rpc.ts';

/** A price with its date. */
export interface FeedPrice {
  /** Exact wei for one US dollar. */
  readonly weiPerUsd: Ratio;
  /** Unix seconds. */
  readonly updatedAt: bigint;
}

/** More than any sensible token has: an answer above it is no price feed's. */
const MAX_DECIMALS = 77n;

/**
 * Reads a Chainlink feed of ETH / USD or USD / ETH (chain.md section 10). Its age is measured against the latest
 * block's time.
 *
 * @throws ChainError `bad-price` for an answer of zero or below or for another pair, `stale-price` for one older than
 * `maxAgeSeconds`, and what calls throw.
 */
export async function readPriceFeed(
  rpc: Rpc,
  feed: Hex,
  maxAgeSeconds: bigint,
  signal?: AbortSignal,
): Promise<FeedPrice> {
  const call = (method: string) => viewCall(rpc, feed, ABI.PriceFeed, { method, args: [] }, signal);
  const [block, [decimals], [description], data] = await Promise.all([
    latestBlock(rpc, signal),
    call('decimals'),
    call('description'),
    call('latestRoundData'),
  ]);
  const updatedAt = BigInt(data['updatedAt']);
  const age = block.timestamp - updatedAt;
  if (age > maxAgeSeconds) {
    throw new ChainError(
      'stale-price',
      `the price feed was last updated ${age} s ago, longer than ${maxAgeSeconds} s`,
    );
  }
  if (BigInt(decimals) > MAX_DECIMALS) {
    throw new ChainError('bad-price', `the price feed has ${decimals} decimals`);
  }
  try {
    const price = ratio(BigInt(data['answer']), 10n ** BigInt(decimals));
    return { weiPerUsd: weiPerUsdFromFeed({ description: String(description), price }), updatedAt };
  } catch (cause) {
    if (cause instanceof PriceError) throw new ChainError('bad-price', cause.message, { cause });
    throw cause;
  }
}
