import type { Clock } from '@lp/runtime';

/** What the webhook allowed before. */
export interface Grant {
  /** Unix seconds until which it holds, this second included. */
  readonly expiry: bigint;
  readonly authId: string;
}

const CAPACITY = 100_000;

/**
 * What the webhook allowed, by credential and purpose, until it expires. Whoever presents a state without the
 * credential that it was granted to is asked about again (remote-signer.md H7). Of one process: another asks once more.
 */
export class GrantMemory {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #grants = new Map<string, Grant>();

  constructor(clock: Clock, capacity = CAPACITY) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** A grant that holds now. */
  get(credential: string, purpose: string): Grant | undefined {
    const key = `${credential} ${purpose}`;
    const grant = this.#grants.get(key);
    if (grant === undefined) return undefined;
    if (grant.expiry >= unixSeconds(this.#clock)) return grant;
    this.#grants.delete(key);
    return undefined;
  }

  /** Remembers a grant; one that has expired already is forgotten. */
  set(credential: string, purpose: string, grant: Grant): void {
    const key = `${credential} ${purpose}`;
    this.#grants.delete(key);
    if (grant.expiry < unixSeconds(this.#clock)) return;
    this.#grants.set(key, grant);
    if (this.#grants.size <= this.#capacity) return;
    const oldest = this.#grants.keys().next();
    if (oldest.done !== true) this.#grants.delete(oldest.value);
  }
}

function unixSeconds(clock: Clock): bigint {
  return BigInt(Math.floor(clock.wallMs() / 1000));
}
