import type { Chain } from '@lp/pm/chain';
import type { Ratio } from '@lp/pricing';
import type { Clock } from '@lp/runtime';

/** Exact wei per US dollar, now; undefined while it is not known. */
export interface ExchangeRate {
  weiPerUsd(): Ratio | undefined;
}

/** A rate that the operator fixed. */
export const fixedRate = (weiPerUsd: Ratio): ExchangeRate => ({ weiPerUsd: () => weiPerUsd });

const POLL_MS = 3_600_000;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 300_000;

/** The price feed's rate: read at the start and each hour; the last good value is kept (chain.md section 10). */
export class FeedRate implements ExchangeRate {
  readonly #chain: Pick<Chain, 'weiPerUsd'>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #value: Ratio | undefined;

  constructor(input: { chain: Pick<Chain, 'weiPerUsd'>; clock: Clock; onError: (error: unknown) => void }) {
    this.#chain = input.chain;
    this.#clock = input.clock;
    this.#onError = input.onError;
  }

  weiPerUsd(): Ratio | undefined {
    return this.#value;
  }

  /** Keeps the value fresh until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      let waitMs = POLL_MS;
      try {
        this.#value = (await this.#chain.weiPerUsd({ signal })).weiPerUsd;
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (signal.aborted) return;
        this.#onError(error);
        waitMs = retryMs;
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
      try {
        await this.#clock.sleep(waitMs, signal);
      } catch {
        return; // aborted: the orchestrator stops
      }
    }
  }
}
