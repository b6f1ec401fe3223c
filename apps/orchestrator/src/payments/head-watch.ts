import type { Chain, ChainHead } from '@lp/pm/chain';
import type { Clock } from '@lp/runtime';
import type { DeskListener } from './events.ts';
import { timedCall } from './timed-call.ts';

/** The chain could not be read for longer than the configured time. */
export class ChainUnreachableError extends Error {
  override readonly name = 'ChainUnreachableError';
  readonly code = 'chain-unreachable';
}

/** The newest head, read in the background. */
export interface HeadWatch {
  /**
   * The newest head that is young enough to decide on.
   *
   * @throws ChainUnreachableError
   */
  current(): ChainHead;
  /** The newest head, however old; undefined before the first reading. */
  latest(): ChainHead | undefined;
  /** Milliseconds since the newest reading; undefined before the first. */
  ageMs(): number | undefined;
  /** Reads the head now. Rejects when that fails; the watch goes on. */
  refresh(): Promise<ChainHead>;
  /** Resolves with a head above L1 block `after`; rejects when `signal` aborts. */
  above(after: bigint, signal: AbortSignal): Promise<ChainHead>;
  /** Polls until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Watches the head. L1 blocks never run backwards for those who ask: a reading below the newest is ignored, so that
 * params that expired stay expired and no nonce is forgotten too early. A node that stays behind counts as unreachable.
 */
export function headWatch(options: {
  readonly chain: Chain;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  readonly onEvent: DeskListener;
}): HeadWatch {
  const { chain, clock, pollMs, maxAgeMs, timeoutMs, onEvent } = options;
  let newest: { readonly head: ChainHead; readonly atNs: bigint } | undefined;
  let reachable = true;
  const waiting = new Set<{ readonly after: bigint; readonly wake: (head: ChainHead) => void }>();

  const ageMs = (): number | undefined =>
    newest === undefined ? undefined : Number(clock.monotonicNs() - newest.atNs) / 1e6;

  const take = (head: ChainHead): void => {
    if (newest !== undefined && head.l1Block < newest.head.l1Block) return;
    newest = { head, atNs: clock.monotonicNs() };
    if (!reachable) onEvent({ type: 'chain-back', l1Block: head.l1Block });
    reachable = true;
    for (const waiter of waiting) if (head.l1Block > waiter.after) waiter.wake(head);
  };

  const refresh = async (signal?: AbortSignal): Promise<ChainHead> => {
    take(await timedCall((limit) => chain.head({ signal: limit }), { timeoutMs, clock, signal }));
    if (newest === undefined) throw new ChainUnreachableError('the chain gave no head');
    return newest.head;
  };

  return {
    current() {
      const age = ageMs();
      if (newest === undefined || age === undefined) {
        throw new ChainUnreachableError('the chain has not been reached yet; try again later');
      }
      if (age > maxAgeMs) {
        const seconds = Math.floor(age / 1000);
        throw new ChainUnreachableError(`the chain has not been reached for ${seconds} s; try again later`);
      }
      return newest.head;
    },
    latest: () => newest?.head,
    ageMs,
    refresh: () => refresh(),
    above: (after, signal) =>
      new Promise((resolve, reject) => {
        if (newest !== undefined && newest.head.l1Block > after) return resolve(newest.head);
        if (signal.aborted) return reject(signal.reason as Error);
        const waiter = {
          after,
          wake(head: ChainHead) {
            waiting.delete(waiter);
            signal.removeEventListener('abort', abort);
            resolve(head);
          },
        };
        const abort = (): void => {
          waiting.delete(waiter);
          reject(signal.reason as Error);
        };
        waiting.add(waiter);
        signal.addEventListener('abort', abort, { once: true });
      }),
    async run(signal) {
      while (!signal.aborted) {
        try {
          await refresh(signal);
        } catch (cause) {
          const age = ageMs();
          if (!signal.aborted && reachable && (age === undefined || age > maxAgeMs)) {
            reachable = false;
            onEvent({ type: 'chain-unreachable', ageMs: age, cause });
          }
        }
        await clock.sleep(pollMs, signal).catch(() => {});
      }
    },
  };
}
