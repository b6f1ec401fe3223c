import type { Clock, Random } from '@lp/runtime';
import type { Logger } from '@lp/service';
import type { OpenLedger } from './ledger/open-ledger.ts';
import { sweepNowAndThen } from './ledger/sweep-loop.ts';
import { messageOf } from './message-of.ts';
import { deliverUsage } from './usage/deliver-usage.ts';
import type { UsageSink } from './usage/usage-sink.ts';

/** What goes on beside the answers. */
export interface UpkeepOptions extends OpenLedger {
  /** Where usage goes, where anyone wants it. */
  readonly sink: UsageSink | undefined;
  /** Resolves when this process is the one that does it: one of several workers, for all. */
  readonly turn: Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Sweeps the ledger and delivers usage until the signal; settles when both have ended. */
export async function keepUp(options: UpkeepOptions): Promise<void> {
  const { ledger, store, sink, turn, clock, random, signal, log } = options;
  await turn;
  const delivery = sink && {
    store,
    sink,
    clock,
    random,
    signal,
    onChange: (state: string, error?: unknown) =>
      log.warn({ state, ...(error !== undefined && { reason: messageOf(error) }) }, 'delivering usage'),
  };
  await Promise.all([
    sweepNowAndThen(ledger, { clock, signal, log }),
    delivery === undefined ? undefined : deliverUsage(delivery),
  ]);
}
