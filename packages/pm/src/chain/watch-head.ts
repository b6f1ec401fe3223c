import type { ChainClock } from './chain-clock.ts';
import { ChainError } from './chain-error.ts';
import type { Chain, ChainHead } from './port.ts';

/** How the head is watched. Times in milliseconds. */
export interface WatchHeadOptions {
  readonly clock: ChainClock;
  /** Pause between two readings. */
  readonly pollMs: number;
  /** Age from which {@link HeadView.current} refuses. */
  readonly maxAgeMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** The chain's head as last read. */
export interface HeadView {
  /**
   * The head.
   *
   * @throws ChainError `unreachable` before the first reading and when the last one is too old; its cause is
   * {@link HeadView.lastError}
   */
  current(): ChainHead;
  /** Milliseconds since the reading was asked for; undefined before the first. */
  ageMs(): number | undefined;
  /** Why the latest reading failed; undefined when it did not. */
  readonly lastError: unknown;
  /** Settles with the first reading, whatever its outcome. */
  readonly firstRead: Promise<void>;
  /** Settles when the watch ended, which only the signal brings about. */
  readonly ended: Promise<void>;
}

/** Reads the head at once and then every `pollMs`; a reading that fails leaves the last one in place. */
export function watchHead(chain: Pick<Chain, 'head'>, options: WatchHeadOptions): HeadView {
  const { clock, pollMs, maxAgeMs, signal } = options;
  let last: { readonly head: ChainHead; readonly atNs: bigint } | undefined;
  let lastError: unknown;

  const read = async (): Promise<void> => {
    const atNs = clock.monotonicNs(); // an answer is as old as its question
    try {
      last = { head: await chain.head({ signal }), atNs };
      lastError = undefined;
    } catch (error) {
      if (!signal.aborted) lastError = error;
    }
  };
  const firstRead = read();
  const poll = async (): Promise<void> => {
    await firstRead;
    while (!signal.aborted) {
      try {
        await clock.sleep(pollMs, signal);
      } catch {
        return; // the signal: nothing else rejects a sleep
      }
      await read();
    }
  };
  const ageMs = (): number | undefined =>
    last === undefined ? undefined : Number((clock.monotonicNs() - last.atNs) / 1_000_000n);
  return {
    firstRead,
    ended: poll(),
    ageMs,
    get lastError() {
      return lastError;
    },
    current() {
      const age = ageMs();
      if (last === undefined || age === undefined || age > maxAgeMs) {
        const what = age === undefined ? 'has not been read yet' : `was last read ${age} ms ago`;
        throw new ChainError('unreachable', `the chain ${what}; try again later`, { cause: lastError });
      }
      return last.head;
    },
  };
}
