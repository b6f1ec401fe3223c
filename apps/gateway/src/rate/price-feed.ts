import { type Ratio, ratio, weiPerUsdFromFeed } from '@lp/pricing';
import { parseJson } from '@lp/protocol';
import type { Transport } from '@lp/runtime';

/** The price feed cannot be used. */
export class PriceFeedError extends Error {
  override readonly name = 'PriceFeedError';
  readonly code = 'price-feed';
}

/** Where a feed is read. */
export interface PriceFeedSource {
  readonly transport: Transport;
  readonly rpcUrl: string;
  /** Address of the feed. */
  readonly feed: string;
  readonly signal?: AbortSignal;
}

/** Selectors of `decimals()`, `description()` and `latestRoundData()` (chain.md section 10). */
const DECIMALS = '0x313ce567';
const DESCRIPTION = '0x7284e416';
const LATEST_ROUND = '0xfeaf968c';
const TIMEOUT_MS = 5000;
/** Feeds renew themselves within a day; older answers are not believed. */
const MAX_AGE_SECONDS = 90_000n;

/** Reads wei for one USD from a Chainlink feed. Throws `PriceFeedError` for answers that are old, odd or missing. */
export async function readPriceFeed(source: PriceFeedSource, nowMs: number): Promise<Ratio> {
  const [decimals, description, round] = await Promise.all(
    [DECIMALS, DESCRIPTION, LATEST_ROUND].map((data) => ethCall(source, data)),
  );
  if (decimals === undefined || description === undefined || round?.length !== 320) {
    throw new PriceFeedError('the price feed gave no round');
  }
  const places = word(decimals, 0);
  const answer = BigInt.asIntN(256, word(round, 1));
  const age = BigInt(Math.floor(nowMs / 1000)) - word(round, 3);
  if (places > 36n) throw new PriceFeedError('the price feed has more than 36 decimals');
  if (answer <= 0n) throw new PriceFeedError('the price feed answered 0 or less');
  if (age > MAX_AGE_SECONDS) throw new PriceFeedError(`the price feed is ${age} seconds old`);
  return weiPerUsdFromFeed({ description: abiText(description), price: ratio(answer, 10n ** places) });
}

/** The words of the answer as hexadecimal digits. */
async function ethCall({ transport, rpcUrl, feed, signal }: PriceFeedSource, data: string): Promise<string> {
  const call = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to: feed, data }, 'latest'] };
  const answer = await transport.request({
    method: 'POST',
    url: rpcUrl,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(call),
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: 64 * 1024,
    ...(signal === undefined ? {} : { signal }),
  });
  const parsed = parseJson(answer.body) as { result?: unknown } | null;
  const result = typeof parsed === 'object' && parsed !== null ? parsed.result : undefined;
  if (typeof result !== 'string' || !/^0x(?:[0-9a-f]{64})+$/i.test(result)) {
    throw new PriceFeedError('the RPC gave no answer for the price feed');
  }
  return result.slice(2);
}

/** The 32-byte word at `index`; 0 beyond the end. */
function word(hex: string, index: number): bigint {
  return BigInt(`0x0${hex.slice(index * 64, index * 64 + 64)}`);
}

/** A dynamic `string` return value, at most 64 bytes of it. */
function abiText(hex: string): string {
  const length = Number(word(hex, 1) % 65n);
  return Buffer.from(hex.slice(128, 128 + length * 2), 'hex').toString('utf8');
}
