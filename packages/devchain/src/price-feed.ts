import { Interface } from 'ethers';
import { answeringContract } from './answering-contract.ts';

/** What a Chainlink-like feed answers (chain.md section 10). */
export interface FeedAnswer {
  /** `ETH / USD` or `USD / ETH`. */
  readonly description: string;
  readonly decimals: number;
  /** Price times 10^decimals; the contract allows any sign. */
  readonly answer: bigint;
  /** Unix seconds; without it, the time of the latest block. */
  readonly updatedAt?: bigint;
}

const FEED = new Interface([
  'function decimals() view returns (uint8)',
  'function description() view returns (string)',
  'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
]);

/** Where the third and fourth word (startedAt, updatedAt) of `latestRoundData` lie. */
const UPDATED_AT = 96;

/** Run-time code of a contract with the three calls of a price feed. */
export function priceFeedCode(feed: FeedAnswer): string {
  const updatedAt = feed.updatedAt ?? 0n;
  const answer = (name: string, values: readonly unknown[]) => ({
    selector: FEED.getFunction(name)?.selector ?? '0x',
    result: FEED.encodeFunctionResult(name, values),
  });
  return answeringContract([
    answer('decimals', [feed.decimals]),
    answer('description', [feed.description]),
    {
      ...answer('latestRoundData', [1n, feed.answer, updatedAt, updatedAt, 1n]),
      ...(feed.updatedAt === undefined ? { timestampAt: UPDATED_AT } : {}),
    },
  ]);
}
