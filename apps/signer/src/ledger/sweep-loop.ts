import type { Clock } from '@lp/runtime';
import type { Logger } from '@lp/service';
import type { SignerLedger } from './signer-ledger.ts';

/** Time between two looks at what has expired, in milliseconds. */
const INTERVAL_MS = 10_000;

/** Sweeps the ledger now and then, until the signal, which is the only way it ends. A failed sweep is logged. */
export async function sweepNowAndThen(
  ledger: SignerLedger,
  {
    clock,
    signal,
    log,
  }: { readonly clock: Clock; readonly signal: AbortSignal; readonly log: Pick<Logger, 'info' | 'error'> },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(INTERVAL_MS, signal);
    } catch {
      return; // the signal: nothing else rejects a sleep
    }
    try {
      const { released } = await ledger.sweep(Math.trunc(clock.wallMs()));
      if (released > 0) log.info({ released }, 'freed the money of answers that a crash left unsigned');
    } catch (error) {
      log.error({ err: error }, 'sweeping the ledger failed; trying again');
    }
  }
}
