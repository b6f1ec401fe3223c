/**
 * The last nonce known to be signed under each recipientRandHash: a guess that plans begin with, so that the ledger, which
 * decides, seldom has to send one back. Bounded: the set used longest ago is forgotten first.
 */
export class NonceMemory {
  readonly #last = new Map<string, number>();
  readonly #capacity: number;

  /** @param capacity sets of ticket params remembered; each lives some minutes on chain. */
  constructor(capacity = 100_000) {
    this.#capacity = capacity;
  }

  /** Last nonce known to be used; 0 for none. */
  last(pmSessionId: string): number {
    return this.#last.get(pmSessionId) ?? 0;
  }

  /** Notes that nonces up to `nonce` are used. */
  use(pmSessionId: string, nonce: number): void {
    const highest = Math.max(nonce, this.last(pmSessionId));
    this.#last.delete(pmSessionId);
    this.#last.set(pmSessionId, highest);
    if (this.#last.size <= this.#capacity) return;
    const oldest = this.#last.keys().next();
    if (oldest.done !== true) this.#last.delete(oldest.value);
  }
}
