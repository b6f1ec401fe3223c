/**
 * The last nonce signed under each recipientRandHash, in memory: two sessions on one challenge, or two calls with one
 * state, never sign a nonce twice while the process lives. Bounded: the set used longest ago is forgotten first.
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

  /** Notes that nonces up to `nonce` are about to be signed. Call it before they are. */
  use(pmSessionId: string, nonce: number): void {
    const highest = Math.max(nonce, this.last(pmSessionId));
    this.#last.delete(pmSessionId);
    this.#last.set(pmSessionId, highest);
    if (this.#last.size <= this.#capacity) return;
    const oldest = this.#last.keys().next();
    if (oldest.done !== true) this.#last.delete(oldest.value);
  }
}
