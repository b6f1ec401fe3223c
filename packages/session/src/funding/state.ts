import type { SignerStateBlob } from '../signer/answer.ts';
import type { Amount, Tariff } from './amount.ts';
import type { LeadAccount, LeadAsk } from './lead.ts';
import type { Terms } from './terms.ts';

/** What does not change during a session. Times are monotonic nanoseconds. */
export interface FundingConfig {
  readonly tariff: Tariff;
  /**
   * `lead`: the signer keeps the target ahead and bills exact time. `explicit`: `type: ""` with stated units. `typed`: the
   * signer counts seconds itself.
   */
  readonly mode: 'lead' | 'explicit' | 'typed';
  /** Since when the orchestrator may have been metering. */
  readonly startNs: bigint;
  /** The orchestrator's debit interval, told or assumed. */
  readonly debitNs: bigint;
  readonly pollNs: bigint;
  /** Runway that is aimed at when round trips are short. */
  readonly minTargetNs: bigint;
  /** Most that may be minted, or undefined. */
  readonly maxSpend: Amount | undefined;
  /** Longest that a runner may be not ready before the session counts as lost. */
  readonly notReadyLimitNs: bigint;
}

/** A payment that was minted and whose fate is not decided. */
export interface PendingPayment {
  readonly payment: string;
  readonly segment: string;
  readonly amount: Amount;
  readonly evAmount: Amount;
  readonly tickets: number;
  readonly lastNonce: number;
  readonly recipientRandHash: string;
  /** Attempts whose connection reached the orchestrator, or may have. */
  readonly attempts: number;
  /** An attempt was given up because no answer came in time. */
  readonly timedOut: boolean;
  readonly notBeforeNs: bigint;
  readonly mintStartedNs: bigint;
}

/** One call of the signer. Kept until it is answered, so that a retry is the same call. */
export interface MintRequest {
  /** Undefined in a rescue: a null state. */
  readonly state: SignerStateBlob | undefined;
  readonly terms: Terms;
  /** Billed units in `explicit` mode. */
  readonly units: bigint | undefined;
  /** In `lead` mode. */
  readonly lead: LeadAsk | undefined;
  readonly rescue: boolean;
}

/** Why a session's funding ended (funding.md rule 8). */
export type EndReason =
  | 'closed'
  | 'limit'
  | 'price'
  | 'budget'
  | 'dropped'
  | 'signer-refused'
  | 'payment-refused'
  | 'unreachable'
  | 'store-failed'
  /** A defect of this package. */
  | 'failed';

/** The end, with its details. */
export interface FundingEnd {
  readonly reason: EndReason;
  /** For people. */
  readonly message: string;
  /** The orchestrator's own reason for a drop, where it gave one. */
  readonly dropReason?: string;
  /** Who could not be reached. */
  readonly peer?: 'orchestrator' | 'signer';
  readonly cause?: unknown;
}

/** Sums of the session so far. */
export interface FundingTotals {
  /** Of every payment that was minted. */
  readonly minted: Amount;
  readonly acknowledged: Amount;
  readonly lost: Amount;
  readonly payments: number;
  readonly tickets: number;
  readonly lostTickets: number;
  readonly skips: number;
  readonly rescues: number;
}

/** Everything the decisions rest on. */
export interface FundingState {
  readonly config: FundingConfig;
  readonly totals: FundingTotals;
  /** The signer's newest state and the units that it has billed. */
  readonly signer: {
    readonly state: SignerStateBlob | undefined;
    readonly billedUnits: bigint;
    /** When it last minted, by this side's clock. */
    readonly acceptedNs: bigint;
    /** What is left of its tickets after its fees: what `Balance` in its state should say. */
    readonly balance: Amount;
    /** In `lead` mode: what it has told of its account. */
    readonly lead: LeadAccount | undefined;
    readonly notBeforeNs: bigint;
    readonly failures: number;
    /** It refused the state with 400; `seen` counts how often. */
    readonly stateRefusals: number;
    readonly stateRefused: boolean;
    /** In `lead` mode: its account is too far from this side's; a new state takes its place (funding.md rule 3). */
    readonly strayed: boolean;
    /** Largest number of units that it takes in one call, after it refused more. */
    readonly unitCap: bigint | undefined;
  };
  readonly terms: {
    readonly current: Terms;
    /** `fresh`: no ticket under them yet. `void`: never to be used again. `rescue-only`: at another price. */
    readonly use: 'fresh' | 'in-use' | 'void' | 'rescue-only';
    /** Consecutive demands for fresh terms without a payment in between. */
    readonly refreshes: number;
    readonly source: 'refresh-payment' | 'challenge';
    readonly notBeforeNs: bigint;
  };
  readonly pending: PendingPayment | undefined;
  readonly minting: MintRequest | undefined;
  /** The last mint was cut to what one call may bill: go on at once. */
  readonly capped: boolean;
  readonly nextPollNs: bigint;
  readonly probe: {
    /** A channel closed, or a 404 was seen: ask at once. */
    readonly suspect: boolean;
    /** A 404 answered a payment: none is sent until a probe has said that the session lives. */
    readonly blocking: boolean;
    readonly notBeforeNs: bigint;
    readonly aliveNs: bigint;
    readonly notReadySinceNs: bigint | undefined;
    /** Consecutive answers that say neither alive nor ended. */
    readonly unclear: number;
  };
  readonly rescue: { readonly wantedNs: bigint | undefined; readonly notBeforeNs: bigint };
  /** Longest of the recent times from the call of the signer to the acknowledgement. */
  readonly roundTrips: readonly bigint[];
  /** Consecutive payments whose tickets were lost. */
  readonly refusedPayments: number;
  readonly orchestratorDown: boolean;
  readonly paymentsFailing: boolean;
  readonly ended: FundingEnd | undefined;
}

/** What happened, for the event stream. Amounts become wei there. */
export type FundingNote =
  | { readonly kind: 'paid'; readonly amount: Amount; readonly tickets: number; readonly roundTripNs: bigint }
  | { readonly kind: 'skipped'; readonly alarm: boolean }
  | { readonly kind: 'lost'; readonly amount: Amount; readonly tickets: number; readonly why: string }
  | {
      readonly kind: 'failed';
      readonly peer: 'orchestrator' | 'signer';
      readonly message: string;
      readonly cause?: unknown;
    }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'connection-lost'; readonly cause: unknown }
  | { readonly kind: 'connection-restored' }
  | { readonly kind: 'probe'; readonly alive: boolean | undefined; readonly message: string }
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'rescue'; readonly message: string }
  | { readonly kind: 'terms'; readonly message: string };

/** A new state and what to tell about it. */
export interface Transition {
  readonly state: FundingState;
  readonly notes: readonly FundingNote[];
}
