import type { Clock } from '@lp/runtime';

/** Calls back when one wait lasts too long. Times only the waits between `begin` and `end`. */
export class Watchdog implements Disposable {
  readonly #clock: Clock;
  readonly #limitNs: bigint;
  readonly #onStall: () => void;
  readonly #stop = new AbortController();
  #sinceNs: bigint | undefined;

  constructor(clock: Clock, limitMs: number, onStall: () => void) {
    this.#clock = clock;
    this.#limitNs = BigInt(Math.ceil(limitMs)) * 1_000_000n;
    this.#onStall = onStall;
    void this.#watch();
  }

  begin(): void {
    this.#sinceNs = this.#clock.monotonicNs();
  }

  end(): void {
    this.#sinceNs = undefined;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /** One timer for the whole life, not one for each wait. Ends when disposed or after the call. */
  async #watch(): Promise<void> {
    let leftNs = this.#limitNs;
    while (leftNs > 0n) {
      try {
        await this.#clock.sleep(Number(leftNs) / 1e6, this.#stop.signal);
      } catch {
        return;
      }
      leftNs =
        this.#sinceNs === undefined
          ? this.#limitNs
          : this.#limitNs - (this.#clock.monotonicNs() - this.#sinceNs);
    }
    this.#onStall();
  }
}
