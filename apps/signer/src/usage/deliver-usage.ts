import { backoff, type Clock, type Random } from '@lp/runtime';
import type { LedgerStore } from '../ledger/store.ts';
import type { UsageSink } from './usage-sink.ts';

/** How delivery runs. */
export interface DeliveryOptions {
  readonly store: Pick<LedgerStore, 'waitingEvents' | 'removeEvents'>;
  readonly sink: UsageSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told when delivery begins to fail, with the error, and when it works again. */
  readonly onChange: (state: 'failing' | 'working', error?: unknown) => void;
}

const BATCH = 200;
const POLL_MS = 1000;
const RETRY = { baseMs: 1000, maxMs: 60_000 };

/**
 * Hands events of the ledger to the sink, oldest first, until the signal, which is the only way it ends: at least once,
 * also across restarts, since an event leaves the ledger after it was taken only.
 */
export async function deliverUsage(options: DeliveryOptions): Promise<void> {
  const { clock, random, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    let pauseMs = 0;
    try {
      const delivered = await deliverBatch(options);
      if (failures > 0) options.onChange('working');
      failures = 0;
      if (delivered < BATCH) pauseMs = POLL_MS;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) options.onChange('failing', error);
      pauseMs = RETRY.baseMs + backoff(failures, { ...RETRY, random });
      failures += 1;
    }
    try {
      if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    } catch {
      return; // the signal: nothing else rejects a sleep
    }
  }
}

/** One batch; resolves to how many events it had. @throws UsageSinkError, LedgerFailedError */
export async function deliverBatch({
  store,
  sink,
  signal,
}: Pick<DeliveryOptions, 'store' | 'sink' | 'signal'>): Promise<number> {
  const events = await store.waitingEvents(BATCH);
  if (events.length === 0) return 0;
  await sink.deliver(
    events.map(({ event }) => event),
    signal,
  );
  await store.removeEvents(events.map(({ id }) => id));
  return events.length;
}
