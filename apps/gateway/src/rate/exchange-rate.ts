import type { Ratio } from '@lp/pricing';
import type { Clock } from '@lp/runtime';
import type { CheckResult } from '@lp/service';

/** Time between two readings, in milliseconds. */
const EVERY_MS = 60_000;
/** A reading is used for this long when newer ones fail, in milliseconds. */
const MAX_AGE_MS = 3_600_000;

/** Wei for one USD: fixed, or read again and again. */
export class ExchangeRate {
  readonly #clock: Clock;
  readonly #read: (() => Promise<Ratio>) | undefined;
  #value: Ratio | undefined;
  #atNs = 0n;

  constructor(clock: Clock, source: Ratio | (() => Promise<Ratio>)) {
    this.#clock = clock;
    this.#read = typeof source === 'function' ? source : undefined;
    this.#value = typeof source === 'function' ? undefined : source;
  }

  /** Undefined when there is no reading that is young enough. */
  current(): Ratio | undefined {
    if (this.#read === undefined) return this.#value;
    const ageMs = Number((this.#clock.monotonicNs() - this.#atNs) / 1_000_000n);
    return ageMs <= MAX_AGE_MS ? this.#value : undefined;
  }

  /** Reads now. Throws what the reader throws. */
  async refresh(): Promise<void> {
    if (this.#read === undefined) return;
    this.#value = await this.#read();
    this.#atNs = this.#clock.monotonicNs();
  }

  /** Reads every minute until `signal` aborts. Failures are given to `onFailure`. */
  async keepFresh(signal: AbortSignal, onFailure: (error: unknown) => void): Promise<void> {
    while (this.#read !== undefined && !signal.aborted) {
      await this.#clock.sleep(EVERY_MS, signal).catch(() => {});
      if (!signal.aborted) await this.refresh().catch(onFailure);
    }
  }

  check(): CheckResult {
    return this.current() === undefined
      ? { ok: false, reason: 'no exchange rate younger than an hour' }
      : { ok: true };
  }
}
