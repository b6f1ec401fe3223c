/** What may be wrong with a running session; several can be at once. The words are stable. */
export type Fault = 'output-stalled' | 'connection-lost' | 'payment-failed' | 'not-ready';

/** The faults of one session at this moment, with the cause of each. */
export class Faults {
  readonly #current = new Map<Fault, string | null>();

  /** True when this is news: the fault is new, or its cause has become known or changed. */
  raise(fault: Fault, cause: string | null): boolean {
    if (this.#current.get(fault) === cause && this.#current.has(fault)) return false;
    this.#current.set(fault, cause);
    return true;
  }

  /** True when the fault was there. */
  clear(fault: Fault): boolean {
    return this.#current.delete(fault);
  }

  has(fault: Fault): boolean {
    return this.#current.has(fault);
  }

  list(): { readonly fault: Fault; readonly cause: string | null }[] {
    return [...this.#current].map(([fault, cause]) => ({ fault, cause }));
  }
}
