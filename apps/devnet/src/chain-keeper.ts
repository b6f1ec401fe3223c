import type { Devchain } from '@lp/devchain';
import type { Clock } from '@lp/runtime';
import { DEVELOPMENT } from './development-settings.ts';

/**
 * Keeps the chain alive: a block every second besides those of transactions, and each round initialised as soon as it
 * begins. Ends with the signal; a failed turn is told and the next one goes on.
 */
export async function keepChain(
  chain: Devchain,
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  const { clock, signal, onError } = options;
  for (;;) {
    try {
      await clock.sleep(DEVELOPMENT.blockTimeMs, signal);
    } catch {
      return; // the signal: nothing else rejects a sleep
    }
    try {
      await chain.mine(1);
      await chain.initializeRound();
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
    }
  }
}
