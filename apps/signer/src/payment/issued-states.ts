import type { SignedState, SignerState } from '@lp/pm/sender';

/** A state that this process signed. */
interface Issued {
  readonly signed: SignedState;
  readonly value: SignerState;
}

/**
 * The newest state of each session as this process signed it: when it comes back byte for byte, state and signature, it
 * need be neither verified nor read again, which is a quarter of an answer's crypto. With it the signature over the
 * session's manifest id, the same in every payment. Bounded: the session used longest ago goes first.
 */
export class IssuedStates {
  readonly #newest = new Map<string, Issued>();
  readonly #bySignature = new Map<string, Issued>();
  readonly #segments = new Map<string, Uint8Array>();
  readonly #capacity: number;

  /** @param capacity sessions remembered, about two kilobytes each. */
  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Remembers a state that was signed with the sender's key here. */
  add(signed: SignedState, value: SignerState): void {
    const { stateId } = value;
    this.#drop(stateId);
    const issued = { signed, value };
    this.#newest.set(stateId, issued);
    this.#bySignature.set(key(signed), issued);
    if (this.#newest.size <= this.#capacity) return;
    const oldest = this.#newest.keys().next();
    if (oldest.done !== true) this.#drop(oldest.value);
  }

  /** The value of this very state with this very signature, where both were made here. */
  readonly find = (signed: SignedState): SignerState | undefined => {
    const known = this.#bySignature.get(key(signed));
    if (known === undefined || Buffer.compare(known.signed.state, signed.state) !== 0) return undefined;
    return Buffer.compare(known.signed.sig, signed.sig) === 0 ? known.value : undefined;
  };

  /** The signature over a manifest id, where it was made here. */
  segment(manifestId: string): Uint8Array | undefined {
    return this.#segments.get(manifestId);
  }

  /** Remembers the signature over a manifest id. */
  addSegment(manifestId: string, signature: Uint8Array): void {
    this.#segments.delete(manifestId);
    this.#segments.set(manifestId, signature);
    if (this.#segments.size <= this.#capacity) return;
    const oldest = this.#segments.keys().next();
    if (oldest.done !== true) this.#segments.delete(oldest.value);
  }

  #drop(stateId: string): void {
    const known = this.#newest.get(stateId);
    if (known === undefined) return;
    this.#newest.delete(stateId);
    this.#bySignature.delete(key(known.signed));
  }
}

/** A signature names what it signs. */
function key({ sig }: SignedState): string {
  return Buffer.from(sig.buffer, sig.byteOffset, sig.length).toString('latin1');
}
