import type { Hex } from '@lp/pm';
import type { SessionRow, UsageKey, UsageSums } from './rows.ts';

/** Which answer a call asks for. */
export interface Claim {
  readonly identity: string;
  readonly stateId: string;
  /** Sequence number that the answer's state has; 0 opens a session. */
  readonly sequence: bigint;
  /** Key of an opening; `undefined` for a call with a state. */
  readonly opening: Uint8Array | undefined;
  /** Hash of everything that the answer depends on. */
  readonly digest: Uint8Array;
  /** The state that the caller sent; empty for an opening. */
  readonly presented: Uint8Array;
  /** Time up to which the presented state was billed; `undefined` for an opening. */
  readonly presentedMs: number | undefined;
  /** Empty for an opening that names none: whatever the next call names stays then. */
  readonly manifestId: string;
  readonly randHash: Hex;
  readonly nowMs: number;
}

/** What a limit is of. */
export type LimitScope = 'identity' | 'app' | 'orchestrator' | 'signer';

/** A counter that an answer adds to, with what it may reach. */
export interface CounterClaim {
  readonly key: string;
  readonly of: LimitScope;
  /** The identity, app or orchestrator; empty for the whole signer. */
  readonly subject: string;
  readonly per: 'hour' | 'day' | 'total';
  /** Start of the present window, unix milliseconds; 0 where the window has no end. */
  readonly windowMs: number;
  /** Its end; `undefined` where it has none. */
  readonly endsMs: number | undefined;
  readonly maxWei: bigint | undefined;
  readonly maxOpenings: bigint | undefined;
}

/** Everything that bounds one answer. */
export interface Bounds {
  readonly counters: readonly CounterClaim[];
  /** Most wei for the whole session. */
  readonly sessionMaxWei: bigint | undefined;
  /** `required`: no account, no answer. `accounts`: who has one is bound by it. */
  readonly prepaid: 'off' | 'accounts' | 'required';
}

/** Limits nothing. */
export const NO_BOUNDS: Bounds = { counters: [], sessionMaxWei: undefined, prepaid: 'off' };

/** An answer that was decided and is not signed yet. */
export interface Issue {
  readonly claim: Claim;
  /** The next state, as it will be signed. */
  readonly state: Uint8Array;
  readonly firstNonce: number;
  readonly tickets: number;
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Hex;
  /** Unix milliseconds until which the answer is given again and could be used. */
  readonly usableUntilMs: number;
  /** New random part of the answer's id: 10 bytes. */
  readonly salt: Uint8Array;
  readonly usage: UsageKey;
  readonly sums: UsageSums;
  readonly bounds: Bounds;
  /** The usage event for this answer id; absent where nobody wants any. */
  readonly event?: (answerId: Uint8Array) => string;
}

/** An answer that was recorded before: with the same request it can be signed again, byte for byte. */
export interface RecordedAnswer {
  readonly state: Uint8Array;
  readonly firstNonce: number;
  readonly tickets: number;
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Hex;
  readonly randHash: Hex;
}

/** Why the ledger does not let an answer pass. */
export type Conflict =
  /** The state was answered already, and this is not the request that was. */
  | 'stale-state'
  /** The opening was answered, and its session went on or the request differs. */
  | 'opening-used'
  /** The newest answer is no longer given again. */
  | 'answer-expired'
  | 'manifest-changed'
  /** The session belongs to another identity. */
  | 'foreign-state'
  /** The ledger does not know the state, and it is too old to be adopted. */
  | 'state-too-old';

/** Which bound an answer would break, and how much is left of it. */
export type Excess =
  | {
      readonly of: 'counter';
      readonly counter: CounterClaim;
      readonly unit: 'wei' | 'openings';
      readonly left: bigint;
    }
  | { readonly of: 'session'; readonly left: bigint }
  | { readonly of: 'prepaid'; readonly left: bigint };

/** A hold on a recorded answer: settle it once it is signed, release it when it never will be. */
export interface Hold {
  readonly answerId: Uint8Array;
  readonly stateId: string;
  /** The session before this answer. */
  readonly before: SessionRow | undefined;
}

/** What becomes of a claim. */
export type Outcome =
  /** Recorded: sign it, then settle or release the hold. */
  | { readonly kind: 'sign'; readonly hold: Hold }
  /** Answered before: sign the same again. */
  | { readonly kind: 'repeat'; readonly answer: RecordedAnswer }
  /** A nonce of the plan was used meanwhile: plan again from this last one. */
  | { readonly kind: 'nonce-used'; readonly last: number }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'over'; readonly excess: Excess };
