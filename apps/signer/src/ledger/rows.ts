import type { Hex } from '@lp/pm';

/** A session as the ledger knows it: its newest answer, with all that reproduces it. */
export interface SessionRow {
  readonly stateId: string;
  /** Whose session it is: nobody else continues it. */
  readonly identity: string;
  /** Stays; empty until a call names one. */
  readonly manifestId: string;
  /** Key of the call that opened it; `undefined` for an adopted one. */
  readonly opening: Uint8Array | undefined;
  /** Sequence number of the newest answer's state. */
  readonly sequence: bigint;
  /** What the newest answer answered. */
  readonly digest: Uint8Array;
  readonly randHash: Hex;
  /** The state that the newest answer gave, as signed. */
  readonly state: Uint8Array;
  /** Nonces of the newest answer are `firstNonce` to `firstNonce + tickets - 1`. */
  readonly firstNonce: number;
  readonly tickets: number;
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Hex;
  /** Whether the newest answer is the second one of its sequence number. */
  readonly reminted: boolean;
  /** Expected value of all tickets of the session, in wei. */
  readonly spentWei: bigint;
  /** Id of the newest answer. */
  readonly answerId: Uint8Array;
  /** Unix milliseconds until which the newest answer is given again. */
  readonly repeatUntilMs: number;
  /** Unix milliseconds from which the row may be forgotten. */
  readonly keepUntilMs: number;
}

/** What a rule has counted in its current window. */
export interface CounterRow {
  /** Start of the window, unix milliseconds; 0 where the window has no end. */
  readonly windowMs: number;
  readonly wei: bigint;
  readonly openings: bigint;
}

/** What usage is summed by: one row per hour and combination. */
export interface UsageKey {
  /** Start of the hour, unix milliseconds. */
  readonly hourMs: number;
  readonly identity: string;
  readonly app: string;
  /** Address of the orchestrator, lower case. */
  readonly orchestrator: string;
  /** Recipient of the tickets, lower case. */
  readonly recipient: string;
  readonly model: string;
  readonly unit: string;
}

/** Sums of one usage row. */
export interface UsageSums {
  readonly answers: bigint;
  readonly openings: bigint;
  readonly tickets: bigint;
  /** Units billed. */
  readonly units: bigint;
  /** Expected value of the tickets, each answer's rounded up to a whole wei. */
  readonly evWei: bigint;
  /** Fees, each answer's rounded half up to a whole wei. */
  readonly feeWei: bigint;
}

/** What an answer was charged to, so that it can be taken back. */
export interface Charge {
  readonly usage: UsageKey;
  readonly sums: UsageSums;
  /** Counters by key with the window that was charged. */
  readonly counters: readonly { readonly key: string; readonly windowMs: number }[];
  /** Whether the identity's prepaid balance paid. */
  readonly prepaid: boolean;
}

/** An answer that is not settled yet, or whose usage event still waits. */
export interface AnswerRow {
  /** 128 bits, growing with time: also the id of its usage event. */
  readonly id: Uint8Array;
  readonly stateId: string;
  readonly sequence: bigint;
  readonly charge: Charge;
  /** The usage event as JSON; `undefined` where nobody wants any. */
  readonly event: string | undefined;
  /** Unix milliseconds until which the answer could be used. */
  readonly usableUntilMs: number;
  /** Whether it was signed: from then on nothing is taken back. */
  readonly settled: boolean;
}

/** The rows of one transaction. Reads see what was written before in the same transaction. */
export interface Rows {
  session(stateId: string): SessionRow | undefined;
  sessionOpenedBy(opening: Uint8Array): SessionRow | undefined;
  putSession(row: SessionRow): void;
  removeSession(stateId: string): void;
  /** Last nonce signed under these ticket params; 0 for none. */
  nonce(randHash: Hex): number;
  putNonce(randHash: Hex, last: number, keepUntilMs: number): void;
  counter(key: string): CounterRow | undefined;
  putCounter(key: string, row: CounterRow): void;
  /** Prepaid balance in wei; `undefined` for an identity without an account. */
  balance(identity: string): bigint | undefined;
  putBalance(identity: string, wei: bigint): void;
  /** Adds to the sums of a usage row; negative amounts take back. */
  addUsage(key: UsageKey, sums: UsageSums): void;
  answer(id: Uint8Array): AnswerRow | undefined;
  addAnswer(row: AnswerRow): void;
  /** Marks an answer as signed, or forgets it when no event waits. */
  settleAnswer(id: Uint8Array): void;
  removeAnswer(id: Uint8Array): void;
  /** The entry of an account that was made under a reference. */
  accountEntry(reference: string): AccountEntry | undefined;
  addAccountEntry(entry: AccountEntry): void;
}

/** A change of a prepaid balance by the operator. */
export interface AccountEntry {
  readonly atMs: number;
  readonly identity: string;
  /** Positive for a credit, negative for a debit. */
  readonly wei: bigint;
  readonly balanceAfterWei: bigint;
  /** Names the change once and for all: a second one under it changes nothing. */
  readonly reference: string;
  readonly note: string;
}

/** Keys of the rows that an operation may touch: a store that is not local reads them all at once. */
export interface RowKeys {
  readonly sessions?: readonly string[];
  readonly openings?: readonly Uint8Array[];
  readonly nonces?: readonly Hex[];
  readonly counters?: readonly string[];
  readonly accounts?: readonly string[];
  readonly answers?: readonly Uint8Array[];
  readonly references?: readonly string[];
}
