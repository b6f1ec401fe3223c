import type { Clock } from '@lp/runtime';
import { messageOf } from '../../message-of.ts';
import { LedgerFailedError } from '../store.ts';
import type { Database } from './open-database.ts';

/** Runs operations together and makes them durable together. */
export interface GroupCommit {
  /**
   * Runs `operation` at the end of this turn of the event loop, in one transaction with the others of the turn, and
   * resolves with its result once that is committed. An operation that throws takes the whole group with it.
   *
   * @throws LedgerFailedError
   */
  run<T>(operation: () => T): Promise<T>;
  /**
   * Keeps `operation` for the next group, or for one of its own 100 ms later. Nobody waits for it: it is tried again with
   * a later group, or after five seconds, when its group is lost, so it must be harmless twice.
   */
  runLater(operation: () => void): void;
  /** Runs and commits what waits, now. */
  flush(): void;
  /** Why the latest group was lost; `undefined` while groups are written. */
  readonly failure: LedgerFailedError | undefined;
  /** Commits what waits. After it, `run` rejects. */
  close(): void;
}

/** What happens around the transactions of a group. */
export interface GroupHooks {
  /** Looks whether a transaction may begin; may throw. */
  beforeBegin(): void;
  /** Writes what was kept back; may throw. */
  beforeCommit(): void;
  /** Forgets what was kept back. */
  afterEnd(): void;
}

const LATER_MS = 100;
const RETRY_MS = 5000;

interface Waiter {
  readonly operation: () => unknown;
  readonly done: (result: unknown) => void;
  readonly failed: (error: LedgerFailedError) => void;
}

/** Group commit over one connection. A group is one piece of work: other processes wait for it and never for more. */
export function groupCommit(database: Database, clock: Clock, hooks: GroupHooks): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const stopping = new AbortController();
  let waiting: Waiter[] = [];
  let postponed: (() => void)[] = [];
  let scheduled = false;
  let timed = false;
  let closed = false;
  let failure: LedgerFailedError | undefined;

  const transact = (group: readonly Waiter[]): unknown[] => {
    hooks.beforeBegin();
    begin.run();
    for (const operation of postponed) operation();
    const results = group.map(({ operation }) => operation());
    hooks.beforeCommit();
    commit.run();
    return results;
  };

  const flush = (): void => {
    scheduled = false;
    if (waiting.length === 0 && postponed.length === 0) return;
    const group = waiting;
    waiting = [];
    try {
      const results = transact(group);
      postponed = [];
      failure = undefined;
      for (const [index, { done }] of group.entries()) done(results[index]);
    } catch (cause) {
      rollBack();
      const reason = messageOf(cause);
      failure = new LedgerFailedError(`the ledger could not be written, nothing was recorded: ${reason}`, {
        cause,
      });
      for (const { failed } of group) failed(failure);
      if (postponed.length > 0) flushIn(RETRY_MS); // there may be no other group for hours
    } finally {
      hooks.afterEnd();
    }
  };

  const flushIn = (ms: number): void => {
    if (timed) return;
    timed = true;
    const late = (): void => {
      timed = false;
      if (!scheduled) flush();
    };
    // aborted by close(), which has flushed by then
    clock.sleep(ms, stopping.signal).then(late, () => {});
  };

  const rollBack = (): void => {
    try {
      if (database.inTransaction) rollback.run();
    } catch {
      // SQLite has rolled back by itself then, or refuses the next write: either way nothing is acknowledged
    }
  };

  return {
    run<T>(operation: () => T) {
      if (closed) return Promise.reject(new LedgerFailedError('the ledger is closed'));
      return new Promise<T>((resolve, reject) => {
        // the result of this very operation
        waiting.push({ operation, done: (result) => resolve(result as T), failed: reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      });
    },
    runLater(operation) {
      postponed.push(operation);
      if (!scheduled) flushIn(LATER_MS);
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
