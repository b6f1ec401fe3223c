import type { Clock } from '@lp/runtime';
import { type CheckResult, createServer, healthRoutes, type Metrics, metricsRoutes } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import type { ChainView } from '../chain/chain-view.ts';
import type { LedgerStore } from '../ledger/store.ts';

/** `/healthz`, `/readyz` and `/metrics`, for a listener of their own: they tell about money. */
export function createAdminServer(options: {
  readonly chain: ChainView;
  readonly store: LedgerStore;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Parameters<typeof createServer>[0]['log'];
}): FastifyInstance {
  const { chain, store, metrics, clock, log } = options;
  const server = createServer({ log });
  const chainIsRead = (): CheckResult => {
    chain.current(); // throws the reason
    return { ok: true };
  };
  const ledgerIsWritten = (): CheckResult => {
    if (store.failure !== undefined) throw store.failure;
    return { ok: true };
  };
  healthRoutes(server, { clock, checks: { chain: chainIsRead, ledger: ledgerIsWritten } });
  metricsRoutes(server, metrics);
  return server;
}
