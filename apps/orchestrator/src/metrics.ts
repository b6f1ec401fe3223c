import { Gauge, type Metrics } from '@lp/service';
import type { TrickleServer } from '@lp/trickle/server';
import type { Orchestrator } from './orchestrator.ts';
import { isReady } from './registry/runner.ts';

/** Registers what an operator watches: runners, sessions, meters, tickets, age of the chain view, channels. */
export function orchestratorMetrics(
  { registry: metrics }: Metrics,
  orchestrator: Orchestrator,
  trickle: TrickleServer,
): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `lp_orchestrator_${name}`,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  };
  const { desk, registry } = orchestrator;
  gauge('runners', 'Registered runners', () => registry.runners().length);
  gauge(
    'runners_ready',
    'Registered runners that take sessions',
    () => registry.runners().filter(isReady).length,
  );
  gauge('sessions', 'Sessions that hold a place on a runner', () =>
    registry.runners().reduce((sum, runner) => sum + runner.sessions.size, 0),
  );
  gauge('meters', 'Sessions that are being metered', () => desk.health().openMeters);
  gauge('queued_tickets', 'Winning tickets that wait for redemption', () => desk.health().queuedTickets);
  gauge('chain_age_seconds', 'Age of the newest chain reading; NaN before the first', () => {
    const age = desk.health().chainAgeMs;
    return age === undefined ? Number.NaN : age / 1000;
  });
  gauge('trickle_channels', 'Open trickle channels', () => trickle.stats().channels);
  gauge('trickle_buffered_bytes', 'Bytes held for trickle readers', () => trickle.stats().bufferedBytes);
}
