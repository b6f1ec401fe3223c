import type { Clock } from '@lp/runtime';
import type { Database } from './database.ts';

/** The transaction of a group could not be written. None of its operations happened. */
export class LedgerFailedError extends Error {
  override readonly name = 'LedgerFailedError';
  readonly code = 'ledger-failed';
}

/** Runs operations at once and makes them durable together. */
export interface GroupCommit {
  /**
   * Runs `operation` now, inside the open transaction, and resolves with its result once that is committed, at the end
   * of this turn of the event loop. An operation that throws takes the whole group with it: decide first, then write.
   *
   * @throws LedgerFailedError
   */
  run<T>(operation: () => T): Promise<T>;
  /**
   * The same for what nobody waits for: the commit may come up to 50 ms later, with that of others. Throws what
   * `operation` throws.
   */
  runDeferred<T>(operation: () => T): T;
  /** Why the latest group was lost; undefined while groups are written. */
  readonly failure: LedgerFailedError | undefined;
  /** Commits what is open. After it, `run` rejects. */
  close(): void;
}

const DEFER_MS = 50;

interface Waiter {
  done(): void;
  failed(error: LedgerFailedError): void;
}

/** Group commit over one connection, which nothing else writes to. `onFailure` hears of every group that was lost. */
export function groupCommit(
  database: Database,
  clock: Clock,
  onFailure: (error: LedgerFailedError) => void,
): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const stopping = new AbortController();
  let waiters: Waiter[] = [];
  let eager = false;
  let deferred = false;
  let closed = false;
  let failure: LedgerFailedError | undefined;

  const fail = (cause: unknown): LedgerFailedError => {
    const error = new LedgerFailedError('the ledger could not be written; nothing was recorded', { cause });
    try {
      if (database.inTransaction) rollback.run();
    } catch {
      // SQLite has then rolled back by itself or will refuse the next write: either way nothing is acknowledged.
    }
    const failed = waiters;
    waiters = [];
    failure = error;
    onFailure(error);
    for (const waiter of failed) waiter.failed(error);
    return error;
  };

  const flush = (): void => {
    eager = false;
    if (!database.inTransaction) return;
    try {
      commit.run();
    } catch (cause) {
      fail(cause);
      return;
    }
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
    runDeferred(operation) {
      const result = execute(operation);
      if (!eager && !deferred) {
        deferred = true;
        const late = (): void => {
          deferred = false;
          flush();
        };
        // Aborted by close(), which has flushed by then.
        clock.sleep(DEFER_MS, stopping.signal).then(late, () => {});
      }
      return result;
    },
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
