import type { Clock } from '@lp/runtime';
import { LedgerFailedError, type Operation } from '../store.ts';
import type { Connection, Connections } from './connections.ts';
import { lockStatement } from './open-database.ts';
import { loadRows } from './postgres-rows.ts';

/** Runs operations, those that wait at the same time in one transaction. */
export interface GroupTransaction {
  /** Resolves once the operation is committed. @throws LedgerFailedError */
  run<T>(operation: Operation<T>): Promise<T>;
  /** Goes with the next transaction, or with one of its own 100 ms later; five seconds later where one was lost. */
  runLater(operation: Operation<void>): void;
  readonly failure: LedgerFailedError | undefined;
  /** Commits what waits. After it, `run` rejects. */
  close(): Promise<void>;
}

interface Waiter {
  readonly operation: Operation<unknown>;
  readonly done: (result: unknown) => void;
  readonly failed: (error: LedgerFailedError) => void;
}

const LATER_MS = 100;
/** A database that is away is not asked ten times a second. */
const RETRY_MS = 5000;
/** Operations of one transaction. */
const MOST = 256;

/** One transaction at a time; what arrives during one waits for the next, so that a round trip serves many. */
export function groupTransaction(connections: Connections, schema: string, clock: Clock): GroupTransaction {
  let waiting: Waiter[] = [];
  let postponed: Operation<void>[] = [];
  let running: Promise<void> | undefined;
  let failure: LedgerFailedError | undefined;
  let closed = false;
  let timed = false;
  const stopping = new AbortController();

  const transact = async (
    connection: Connection,
    group: readonly Operation<unknown>[],
  ): Promise<unknown[]> => {
    // whatever the database's default: what is read has to be as of the lock, not as of the wait for it
    await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await connection.query(lockStatement(schema));
    const rows = await loadRows(
      connection,
      schema,
      group.map(({ keys }) => keys),
    );
    const results = group.map((operation) => operation.apply(rows));
    await rows.write();
    await connection.query('COMMIT');
    return results;
  };

  const runGroup = async (): Promise<void> => {
    const group = waiting.slice(0, MOST);
    waiting = waiting.slice(MOST);
    const late = postponed;
    postponed = [];
    let connection: Connection | undefined;
    try {
      connection = await connections.connect();
      const operations = [...late, ...group.map(({ operation }) => operation)];
      const results = await transact(connection, operations);
      connection.release();
      failure = undefined;
      for (const [index, { done }] of group.entries()) done(results[late.length + index]);
    } catch (cause) {
      // a connection that is thrown away rolls back
      connection?.release(cause instanceof Error ? cause : new Error('the transaction failed'));
      postponed = [...late, ...postponed];
      failure = new LedgerFailedError('the ledger could not be written; try again', { cause });
      for (const { failed } of group) failed(failure);
    }
  };
  const drain = async (): Promise<void> => {
    // operations of one turn of the event loop go together
    await new Promise<void>((resolve) => setImmediate(resolve));
    do await runGroup();
    while (waiting.length > 0);
    running = undefined;
    if (postponed.length > 0) drainLater();
  };
  const drainLater = (): void => {
    if (timed || closed) return;
    timed = true;
    const late = (): void => {
      timed = false;
      if (postponed.length > 0) running ??= drain();
    };
    // aborted by close(), which drains itself
    clock.sleep(failure === undefined ? LATER_MS : RETRY_MS, stopping.signal).then(late, () => {});
  };

  return {
    run<T>(operation: Operation<T>) {
      if (closed) return Promise.reject(new LedgerFailedError('the ledger is closed'));
      return new Promise<T>((resolve, reject) => {
        // the result of this very operation
        waiting.push({ operation, done: (result) => resolve(result as T), failed: reject });
        running ??= drain();
      });
    },
    runLater(operation) {
      postponed.push(operation);
      drainLater();
    },
    get failure() {
      return failure;
    },
    async close() {
      if (closed) return;
      closed = true;
      stopping.abort();
      await running;
      if (postponed.length > 0 || waiting.length > 0) await runGroup();
    },
  };
}
