import { type Clock, DeadlineError } from '@lp/runtime';

const SLOT_MS = 100;

/**
 * Deadlines for many short calls: those that begin within a tenth of a second share a signal and its timer, which ends
 * them up to that much late. A timer and two controllers for each call cost more than the call's ledger.
 */
export class DeadlineSlots {
  readonly #ms: number;
  readonly #clock: Clock;
  #current: { readonly signal: AbortSignal; readonly atNs: bigint } | undefined;

  /** @param ms time of a call in milliseconds. */
  constructor(ms: number, clock: Clock) {
    this.#ms = ms;
    this.#clock = clock;
  }

  /** A signal that aborts with `DeadlineError` when a call that begins now has to end. */
  signal(): AbortSignal {
    const nowNs = this.#clock.monotonicNs();
    if (this.#current === undefined || nowNs - this.#current.atNs >= SLOT_NS) {
      this.#current = { signal: this.#newSlot(), atNs: nowNs };
    }
    return this.#current.signal;
  }

  #newSlot(): AbortSignal {
    const slot = new AbortController();
    // without a signal nothing rejects a sleep
    void this.#clock.sleep(this.#ms + SLOT_MS).then(() => slot.abort(new DeadlineError(this.#ms)));
    return slot.signal;
  }
}

const SLOT_NS = BigInt(SLOT_MS) * 1_000_000n;
