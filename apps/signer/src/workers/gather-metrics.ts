import { type Clock, DeadlineError } from '@lp/runtime';
import { createMetrics, Gauge } from '@lp/service';
import { AggregatorRegistry } from 'prom-client';
import type { ProcessMetrics } from './messages.ts';

/** Asks workers for their metrics and adds them up. */
export interface MetricsGathering {
  /** Takes the answer of a worker. */
  measured(id: number, metrics: ProcessMetrics): void;
  /** Metrics of all workers that answer within a second, and of this process, as Prometheus text. */
  gather(ask: readonly ((id: number) => void)[]): Promise<string>;
}

const DEADLINE_MS = 1000;

/** @param workers how many serve at the moment. */
export function gatherMetrics(clock: Clock, workers: () => number): MetricsGathering {
  const own = createMetrics();
  new Gauge({
    name: 'lp_signer_workers',
    help: 'Workers that serve',
    registers: [own.registry],
    collect() {
      this.set(workers());
    },
  });
  const waiting = new Map<number, (metrics: ProcessMetrics) => void>();
  let questions = 0;
  const answer = async (ask: (id: number) => void): Promise<ProcessMetrics> => {
    const id = ++questions;
    const given = Promise.withResolvers<ProcessMetrics>();
    const done = new AbortController();
    waiting.set(id, given.resolve);
    ask(id);
    // a worker that died or hangs is left out; the sleep ends early with the answer
    const late = clock.sleep(DEADLINE_MS, done.signal).then(
      () => [],
      () => [],
    );
    try {
      return await Promise.race([given.promise, late]);
    } finally {
      waiting.delete(id);
      done.abort(new DeadlineError(DEADLINE_MS));
    }
  };
  return {
    measured: (id, metrics) => waiting.get(id)?.(metrics),
    async gather(ask) {
      const all = await Promise.all([own.registry.getMetricsAsJSON(), ...ask.map(answer)]);
      return AggregatorRegistry.aggregate(all).metrics();
    },
  };
}
