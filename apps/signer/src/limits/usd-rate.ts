import type { Chain } from '@lp/pm/chain';
import { parseRatio, type Ratio } from '@lp/pricing';
import { type Clock, deadline } from '@lp/runtime';
import { HttpError } from '@lp/service';

/** What a dollar costs now. */
export interface UsdRate {
  /** Wei per dollar. @throws HttpError 503 `rate-unavailable` when it is not known well enough. */
  current(): Ratio;
  /** Settles when watching ended, which only the signal does. */
  readonly ended: Promise<void>;
  /** Settles after the first read. */
  readonly firstRead: Promise<void>;
}

const POLL_MS = 60_000;
const READ_TIMEOUT_MS = 10_000;
/** A feed that cannot be read is believed this long. */
const MAX_AGE_MS = 3_600_000n;

/** The rate of the options; `undefined` where they name none. */
export function usdRateOf(
  config: { readonly weiPerUsd: string | undefined; readonly priceFeed: string | undefined },
  feed: Parameters<typeof feedRate>[0],
): UsdRate | undefined {
  if (config.weiPerUsd !== undefined) return fixedRate(parseRatio(config.weiPerUsd));
  return config.priceFeed === undefined ? undefined : feedRate(feed);
}

/** A rate that the operator states. */
export function fixedRate(weiPerUsd: Ratio): UsdRate {
  return { current: () => weiPerUsd, ended: Promise.resolve(), firstRead: Promise.resolve() };
}

/** The rate of the chain's price feed, read once a minute and believed for an hour. */
export function feedRate(options: {
  readonly chain: Pick<Chain, 'weiPerUsd'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}): UsdRate {
  const { chain, clock, signal, onFailure } = options;
  let last: { readonly rate: Ratio; readonly atNs: bigint } | undefined;
  const read = async (): Promise<void> => {
    using limit = deadline(READ_TIMEOUT_MS, signal, clock);
    const atNs = clock.monotonicNs();
    try {
      const { weiPerUsd } = await chain.weiPerUsd({ signal: limit.signal });
      last = { rate: weiPerUsd, atNs };
    } catch (error) {
      if (!signal.aborted) onFailure(error);
    }
  };
  const firstRead = read();
  const poll = async (): Promise<void> => {
    await firstRead;
    while (!signal.aborted) {
      try {
        await clock.sleep(POLL_MS, signal);
      } catch {
        return; // the signal: nothing else rejects a sleep
      }
      await read();
    }
  };
  return {
    firstRead,
    ended: poll(),
    current() {
      if (last === undefined || (clock.monotonicNs() - last.atNs) / 1_000_000n > MAX_AGE_MS) {
        throw new HttpError(
          503,
          'rate-unavailable',
          'the price feed could not be read; limits in USD need it',
        );
      }
      return last.rate;
    },
  };
}
