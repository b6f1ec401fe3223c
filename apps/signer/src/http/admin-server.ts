import type { Clock } from '@lp/runtime';
import { type CheckResult, createServer, guardBrowsers, healthRoutes, metricsRoutes } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import type { ChainView } from '../chain/chain-view.ts';
import { fundsProblem, type LeastFunds } from '../chain/funds.ts';
import type { SignerLedger } from '../ledger/signer-ledger.ts';
import type { LedgerStore } from '../ledger/store.ts';
import { accountRoutes } from './account-routes.ts';

/** `/healthz`, `/readyz`, `/metrics` and `/accounts`, for a listener of their own: they tell about money. */
export function createAdminServer(options: {
  readonly chain: ChainView;
  readonly ledger: SignerLedger;
  readonly store: LedgerStore;
  readonly leastFunds: LeastFunds;
  readonly metrics: Parameters<typeof metricsRoutes>[1];
  readonly clock: Clock;
  readonly log: Parameters<typeof createServer>[0]['log'];
}): FastifyInstance {
  const { chain, ledger, store, metrics, clock, log } = options;
  const server = createServer({ log });
  const chainIsRead = (): CheckResult => {
    chain.current(); // throws the reason
    return { ok: true };
  };
  const fundsSuffice = (): CheckResult => {
    const view = chain.last();
    if (view === undefined) return { ok: false, reason: 'not read yet' };
    const reason = fundsProblem(view, options.leastFunds);
    return reason === undefined ? { ok: true } : { ok: false, reason };
  };
  const ledgerIsWritten = (): CheckResult => {
    if (store.failure !== undefined) throw store.failure;
    return { ok: true };
  };
  healthRoutes(server, {
    clock,
    checks: { chain: chainIsRead, funds: fundsSuffice, ledger: ledgerIsWritten },
  });
  metricsRoutes(server, metrics);
  guardBrowsers(server, { hosts: [], origins: [] });
  accountRoutes(server, { ledger, store, clock });
  return server;
}
