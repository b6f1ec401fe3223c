import type { Clock } from '@lp/runtime';
import {
  type CheckResult,
  createServer,
  guardBrowsers,
  HttpError,
  healthRoutes,
  isLoopback,
  metricsRoutes,
} from '@lp/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ChainView } from '../chain/chain-view.ts';
import { fundsProblem, type LeastFunds } from '../chain/funds.ts';
import type { SignerLedger } from '../ledger/signer-ledger.ts';
import type { LedgerStore } from '../ledger/store.ts';
import { accountRoutes } from './account-routes.ts';

/**
 * `/healthz`, `/readyz`, `/metrics` and `/accounts`, for a listener of their own: they tell about money. `/accounts` changes
 * balances and asks for no key, so it answers this machine only, wherever the listener is.
 */
export function createAdminServer(options: {
  /** Where it will listen. */
  readonly host: string;
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
  const ledgerIsWritten = async (): Promise<CheckResult> => {
    // who gets no payments while not ready would never find out that it can write again
    if (store.failure !== undefined) await store.run({ keys: {}, apply: () => {} });
    return { ok: true };
  };
  healthRoutes(server, {
    clock,
    checks: { chain: chainIsRead, funds: fundsSuffice, ledger: ledgerIsWritten },
  });
  metricsRoutes(server, metrics);
  if (isLoopback(options.host)) guardBrowsers(server, NOBODY_ELSE);
  server.register(async (accounts) => {
    accounts.addHook('onRequest', refuseOtherMachines);
    guardBrowsers(accounts, NOBODY_ELSE);
    accountRoutes(accounts, { ledger, store, clock });
  });
  return server;
}

/** No name but loopback's, no page but its own. */
const NOBODY_ELSE = { hosts: [], origins: [] };

/** Headers by which a proxy on this machine says that it speaks for somebody else. */
const OF_A_PROXY = /^(?:forwarded|via|x-real-ip|x-forwarded-.+)$/;

async function refuseOtherMachines({ socket, headers }: FastifyRequest): Promise<void> {
  const peer = socket.remoteAddress?.replace(/^::ffff:/i, '') ?? '';
  if (isLoopback(peer) && !Object.keys(headers).some((name) => OF_A_PROXY.test(name))) return;
  throw new HttpError(403, 'loopback-only', 'accounts are read and changed from this machine only', {
    hint: 'call it from the host or container that the signer runs in',
  });
}
