import type { Clock } from '@lp/runtime';
import { LedgerFailedError } from '../store.ts';
import type { Database } from './open-database.ts';

/** Runs operations at once and makes them durable together. */
export interface GroupCommit {
  /**
   * Runs `operation` now, inside the open transaction, and resolves with its result once that is committed, at the end
   * of this turn of the event loop. An operation that throws takes the whole group with it.
   *
   * @throws LedgerFailedError
   */
  run<T>(operation: () => T): Promise<T>;
  /**
   * Keeps `operation` for the next group, or for one of its own 100 ms later. Nobody waits for it: it is tried again with
   * a later group when its group is lost, so it must be harmless twice.
   */
  runLater(operation: () => void): void;
  /** Commits what is open, now. */
  flush(): void;
  /** Why the latest group was lost; `undefined` while groups are written. */
  readonly failure: LedgerFailedError | undefined;
  /** Commits what is open. After it, `run` rejects. */
  close(): void;
}

/** What happens around the transactions of a group. */
export interface GroupHooks {
  /** Writes what was kept back; may throw. */
  beforeCommit(): void;
  /** Forgets what was kept back. */
  afterEnd(): void;
}

const LATER_MS = 100;

interface Waiter {
  done(): void;
  failed(error: LedgerFailedError): void;
}

/** Group commit over one connection. Other processes wait at the start of a group until it is committed. */
export function groupCommit(database: Database, clock: Clock, hooks: GroupHooks): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const stopping = new AbortController();
  let waiters: Waiter[] = [];
  let postponed: (() => void)[] = [];
  let eager = false;
  let timed = false;
  let closed = false;
  let failure: LedgerFailedError | undefined;

  const fail = (cause: unknown): LedgerFailedError => {
    const error = new LedgerFailedError('the ledger could not be written; nothing was recorded', { cause });
    try {
      if (database.inTransaction) rollback.run();
    } catch {
      // SQLite has rolled back by itself then, or refuses the next write: either way nothing is acknowledged
    }
    hooks.afterEnd();
    const failed = waiters;
    waiters = [];
    failure = error;
    for (const waiter of failed) waiter.failed(error);
    return error;
  };

  const flush = (): void => {
    eager = false;
    if (!database.inTransaction && postponed.length === 0) return;
    try {
      if (!database.inTransaction) begin.run();
      for (const operation of postponed) operation();
      hooks.beforeCommit();
      commit.run();
    } catch (cause) {
      fail(cause);
      return;
    }
    postponed = [];
    hooks.afterEnd();
    failure = undefined;
    const done = waiters;
    waiters = [];
    for (const waiter of done) waiter.done();
  };

  const execute = <T>(operation: () => T): T => {
    if (closed) throw new LedgerFailedError('the ledger is closed');
    try {
      if (!database.inTransaction) begin.run();
      return operation();
    } catch (cause) {
      throw fail(cause);
    }
  };

  return {
    run<T>(operation: () => T) {
      return new Promise<T>((resolve, reject) => {
        const result = execute(operation);
        waiters.push({ done: () => resolve(result), failed: reject });
        if (eager) return;
        eager = true;
        setImmediate(flush);
      });
    },
    runLater(operation) {
      postponed.push(operation);
      if (eager || timed) return;
      timed = true;
      const late = (): void => {
        timed = false;
        if (!eager && postponed.length > 0) flush();
      };
      // aborted by close(), which has flushed by then
      clock.sleep(LATER_MS, stopping.signal).then(late, () => {});
    },
    flush,
    get failure() {
      return failure;
    },
    close() {
      if (closed) return;
      flush();
      closed = true;
      stopping.abort();
    },
  };
}
