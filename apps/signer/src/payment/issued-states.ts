import type { SignedState } from '@lp/pm/sender';

/**
 * The newest state of each session as this process signed it: when it comes back byte for byte, state and signature, it
 * need not be verified again, which is a quarter of an answer's crypto. Bounded: the session used longest ago goes first.
 */
export class IssuedStates {
  readonly #newest = new Map<string, SignedState>();
  readonly #byText = new Map<string, SignedState>();
  readonly #capacity: number;

  /** @param capacity sessions remembered, about a kilobyte each. */
  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Remembers a state that was signed with the sender's key here. */
  add(stateId: string, signed: SignedState): void {
    this.#drop(stateId);
    this.#newest.set(stateId, signed);
    this.#byText.set(key(signed), signed);
    if (this.#newest.size <= this.#capacity) return;
    const oldest = this.#newest.keys().next();
    if (oldest.done !== true) this.#drop(oldest.value);
  }

  /** Whether this very state and signature were made here. */
  readonly has = (signed: SignedState): boolean => {
    const known = this.#byText.get(key(signed));
    return (
      known !== undefined &&
      Buffer.compare(known.state, signed.state) === 0 &&
      Buffer.compare(known.sig, signed.sig) === 0
    );
  };

  #drop(stateId: string): void {
    const known = this.#newest.get(stateId);
    if (known === undefined) return;
    this.#newest.delete(stateId);
    this.#byText.delete(key(known));
  }
}

/** A signature names what it signs. */
function key({ sig }: SignedState): string {
  return Buffer.from(sig.buffer, sig.byteOffset, sig.length).toString('latin1');
}
