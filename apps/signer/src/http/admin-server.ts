import type { Clock } from '@lp/runtime';
import { type CheckResult, createServer, healthRoutes, type Metrics, metricsRoutes } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import type { ChainView } from '../chain/chain-view.ts';

/** `/healthz`, `/readyz` and `/metrics`, for a listener of their own: they tell about money. */
export function createAdminServer(options: {
  readonly chain: ChainView;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Parameters<typeof createServer>[0]['log'];
}): FastifyInstance {
  const { chain, metrics, clock, log } = options;
  const server = createServer({ log });
  const chainIsRead = (): CheckResult => {
    chain.current(); // throws the reason
    return { ok: true };
  };
  healthRoutes(server, { clock, checks: { chain: chainIsRead } });
  metricsRoutes(server, metrics);
  return server;
}
