import type { AccountEntry, AnswerRow, RowKeys, Rows, UsageKey, UsageSums } from './rows.ts';

/** The store could not be written or read. Nothing was recorded: the caller may try again. */
export class LedgerFailedError extends Error {
  override readonly name = 'LedgerFailedError';
  readonly code = 'ledger-failed';
}

/** The store cannot be used at all. Ends the start with 2. */
export class LedgerSetupError extends Error {
  override readonly name = 'LedgerSetupError';
  readonly code = 'ledger-setup';
  readonly exitCode = 2;
}

/** Reads and writes of one atomic step. `apply` must not throw for what a caller can cause: it takes others along. */
export interface Operation<T> {
  readonly keys: RowKeys;
  readonly apply: (rows: Rows) => T;
}

/** A usage row with its sums. */
export type UsageRow = UsageKey & UsageSums;

/** Where the ledger keeps its rows. Transactions are one after the other, also between processes. */
export interface LedgerStore {
  /** Address of the key that the ledger belongs to, lower case. */
  readonly sender: string;
  /** Resolves once the operation is durable. @throws LedgerFailedError */
  run<T>(operation: Operation<T>): Promise<T>;
  /** The same for what nobody waits for: durable a little later, lost in a crash. */
  runLater(operation: Operation<void>): void;
  /** Applies a read without a transaction of its own. @throws LedgerFailedError */
  read<T>(operation: Operation<T>): Promise<T>;
  /** Answers that were never settled and can no longer be used. */
  unsettledAnswers(usableBeforeMs: number, most: number): Promise<readonly AnswerRow[]>;
  /** Forgets sessions, nonces and counters whose time has passed. Returns how many rows went. */
  sweep(nowMs: number): Promise<number>;
  /** Settled answers whose event waits, oldest first. */
  waitingEvents(most: number): Promise<readonly { readonly id: Uint8Array; readonly event: string }[]>;
  /** Forgets answers whose event was delivered. */
  removeEvents(ids: readonly Uint8Array[]): Promise<void>;
  /** Usage of whole hours from `fromMs` until before `toMs`, in order of time, then by key. */
  usage(fromMs: number, toMs: number): Promise<readonly UsageRow[]>;
  /** All prepaid accounts by name. */
  accounts(): Promise<readonly { readonly identity: string; readonly balanceWei: bigint }[]>;
  /** The newest changes of an account, newest first. */
  accountEntries(identity: string, most: number): Promise<readonly AccountEntry[]>;
  /** Why the latest transaction failed; `undefined` while they work. */
  readonly failure: LedgerFailedError | undefined;
  /** Writes what is open and lets go. */
  close(): Promise<void>;
}
