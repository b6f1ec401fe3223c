import type { Clock } from '@lp/runtime';

const NS_PER_MS = 1_000_000;

/** A wait that can be cut short. One waiter at a time. */
export class Gate {
  readonly #clock: Clock;
  #wait: AbortController | undefined;
  #woken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait under way, or the next one at once. */
  wake(): void {
    this.#woken = true;
    this.#wait?.abort();
  }

  /** Resolves at `untilNs` (monotonic) or when woken. */
  async until(untilNs: bigint): Promise<void> {
    const ms = Math.max(0, Number(untilNs - this.#clock.monotonicNs()) / NS_PER_MS);
    if (!this.#woken) {
      const wait = new AbortController();
      this.#wait = wait;
      // The sleep is only rejected by `wake`, which ends the wait as well.
      await this.#clock.sleep(ms, wait.signal).catch(() => {});
      this.#wait = undefined;
    }
    this.#woken = false;
  }
}
