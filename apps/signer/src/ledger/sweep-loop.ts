import type { Clock } from '@lp/runtime';
import type { Logger } from '@lp/service';
import type { SignerLedger } from './signer-ledger.ts';

/** Time between two looks at what has expired, in milliseconds. */
const INTERVAL_MS = 10_000;

/**
 * Sweeps the ledger now and then, until the signal, which is the only way it ends. A failed sweep is logged. What is
 * forgotten could be paid or signed again, so a clock that jumps ahead is not believed at once.
 */
export async function sweepNowAndThen(
  ledger: Pick<SignerLedger, 'sweep'>,
  {
    clock,
    signal,
    log,
  }: { readonly clock: Clock; readonly signal: AbortSignal; readonly log: Pick<Logger, 'info' | 'error'> },
): Promise<void> {
  const nowMs = unhurried(clock);
  while (!signal.aborted) {
    try {
      await clock.sleep(INTERVAL_MS, signal);
    } catch {
      return; // the signal: nothing else rejects a sleep
    }
    try {
      const { released } = await ledger.sweep(nowMs());
      if (released > 0) log.info({ released }, 'freed the money of answers that a crash left unsigned');
    } catch (error) {
      log.error({ err: error }, 'sweeping the ledger failed; trying again');
    }
  }
}

/** Wall time, unix milliseconds; where it jumps ahead it comes nearer at twice the pace of the time that passes. */
function unhurried(clock: Clock): () => number {
  let believedMs = clock.wallMs();
  let atNs = clock.monotonicNs();
  return () => {
    const nowNs = clock.monotonicNs();
    const passedMs = Number((nowNs - atNs) / 1_000_000n);
    atNs = nowNs;
    believedMs = Math.min(clock.wallMs(), believedMs + 2 * passedMs);
    return Math.trunc(believedMs);
  };
}
