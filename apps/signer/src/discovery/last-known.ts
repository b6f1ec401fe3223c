import type { Clock } from '@lp/runtime';
import type { HalfAnswer } from './ask-orchestrator.ts';

/** How one half of an orchestrator's news stands. */
export interface Half<T> {
  /** `answered` the last time; `kept` from before; `none` to list. */
  readonly state: 'answered' | 'kept' | 'none';
  readonly news: { readonly value: T; readonly ageMs: number } | undefined;
}

/** The last answer to one question, kept while later ones fail, until it is too old (go-livepeer #4087). */
export class LastKnown<T> {
  readonly #clock: Clock;
  readonly #maxAgeNs: bigint;
  #known: { readonly value: T; readonly atNs: bigint } | undefined;
  #answered = false;

  constructor(clock: Clock, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeNs = BigInt(maxAgeMs) * 1_000_000n;
  }

  take(answer: HalfAnswer<T>): void {
    this.#answered = answer.ok;
    if (answer.ok) this.#known = { value: answer.value, atNs: this.#clock.monotonicNs() };
    else this.half(); // forgets what is too old
  }

  half(): Half<T> {
    if (this.#known === undefined) return { state: 'none', news: undefined };
    const ageNs = this.#clock.monotonicNs() - this.#known.atNs;
    if (ageNs > this.#maxAgeNs) {
      this.#known = undefined;
      return { state: 'none', news: undefined };
    }
    const news = { value: this.#known.value, ageMs: Number(ageNs / 1_000_000n) };
    return { state: this.#answered ? 'answered' : 'kept', news };
  }
}
