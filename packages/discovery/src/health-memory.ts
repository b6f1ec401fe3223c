import type { Clock } from '@lp/runtime';
import { offerKey } from './offer.ts';

/** How failures are remembered. */
export interface HealthMemoryOptions {
  readonly clock: Clock;
  /** How long the first failure counts, milliseconds; it doubles with each further one. Default 10,000. */
  readonly baseMs?: number;
  /** Longest time that failures count, milliseconds. Default 300,000. */
  readonly maxMs?: number;
  /** Runners remembered; the one heard of longest ago is forgotten first. Default 1,000. */
  readonly maxEntries?: number;
}

interface Record {
  readonly failures: number;
  readonly untilNs: bigint;
}

const NS_PER_MS = 1_000_000n;

/**
 * Remembers which runners failed of late, so that they are tried last: after n failures in a row for
 * `baseMs * 2^(n-1)`, then their slate is clean. In memory only; share one between the sessions of a process.
 */
export class HealthMemory {
  readonly #clock: Clock;
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #maxEntries: number;
  readonly #records = new Map<string, Record>();

  constructor(options: HealthMemoryOptions) {
    this.#clock = options.clock;
    this.#baseMs = options.baseMs ?? 10_000;
    this.#maxMs = options.maxMs ?? 300_000;
    this.#maxEntries = options.maxEntries ?? 1_000;
  }

  /** The runner did what it should: earlier failures are forgotten. */
  succeeded(runner: { readonly url: string }): void {
    this.#records.delete(offerKey(runner));
  }

  /** The runner refused, was unreachable or dropped a session. */
  failed(runner: { readonly url: string }): void {
    const key = offerKey(runner);
    const failures = (this.#records.get(key)?.failures ?? 0) + 1;
    const ms = Math.min(this.#maxMs, this.#baseMs * 2 ** Math.min(failures - 1, 32));
    this.#records.delete(key);
    this.#records.set(key, {
      failures,
      untilNs: this.#clock.monotonicNs() + BigInt(Math.ceil(ms)) * NS_PER_MS,
    });
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= this.#maxEntries) break;
      this.#records.delete(oldest);
    }
  }

  /** Failures in a row that still count; 0 for a runner in good standing. */
  recentFailures(runner: { readonly url: string }): number {
    const record = this.#records.get(offerKey(runner));
    return record === undefined || record.untilNs <= this.#clock.monotonicNs() ? 0 : record.failures;
  }
}
