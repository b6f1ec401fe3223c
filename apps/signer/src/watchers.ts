import type { Chain } from '@lp/pm/chain';
import type { Clock, Transport } from '@lp/runtime';
import type { Logger } from '@lp/service';
import { type ChainView, watchChain } from './chain/chain-view.ts';
import { candidates } from './discovery/candidates.ts';
import { type Catalogue, watchCatalogue } from './discovery/catalogue.ts';
import type { Login } from './keys/login.ts';
import { type UsdRate, usdRateOf } from './limits/usd-rate.ts';
import { messageOf } from './message-of.ts';
import type { SignerConfig } from './signer-config.ts';

/** What a signer keeps reading from outside. */
export interface Watchers {
  readonly chain: ChainView;
  readonly catalogue: Catalogue;
  /** Where a price feed or a fixed price of a dollar is configured. */
  readonly rate: UsdRate | undefined;
  /** Settles when everything that payments need was read, or failed to be. */
  readonly firstRead: Promise<unknown>;
  /** Settles when all have ended, which only the signal brings about. */
  readonly ended: Promise<unknown>;
}

/** What the watchers read, and with what. */
export interface WatcherPorts {
  readonly chain: Chain;
  /** Asks orchestrators. */
  readonly transport: Transport;
  /** Asks the operator's own services. */
  readonly services: Transport;
  readonly login: Login;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Starts to watch the chain, what orchestrators offer, and the price of a dollar. */
export function startWatchers(config: SignerConfig, ports: WatcherPorts): Watchers {
  const { services, transport, login, clock, signal, log } = ports;
  const chain = watchChain({
    chain: ports.chain,
    sender: login.address,
    clock,
    signal,
    pollMs: config.chainPollMs,
    maxAgeMs: config.chainMaxAgeMs,
    // Only the message: what is behind it may name the RPC endpoint, whose path often is a credential.
    onChange: (state, error) =>
      log.warn({ state, ...(error !== undefined && { reason: messageOf(error) }) }, 'reading the chain'),
  });
  const catalogue = watchCatalogue({
    orchestrators: candidates(config, { chain: ports.chain, services }),
    login,
    transport,
    clock,
    signal,
    intervalMs: config.discoveryIntervalMs,
    maxAgeMs: config.discoveryMaxAgeMs,
    onFailure: (failure) => log.debug(failure, 'discovery failed'),
    onEmpty: (empty) =>
      empty
        ? log.warn('discovery lists nothing: callers get 503 until an orchestrator offers something')
        : log.info('discovery lists orchestrators again'),
  });
  const rate = usdRateOf(config, {
    chain: ports.chain,
    clock,
    signal,
    onFailure: (error) => log.warn({ reason: messageOf(error) }, 'reading the price feed'),
  });
  return {
    chain,
    catalogue,
    rate,
    firstRead: Promise.all([chain.firstRead, rate?.firstRead]),
    ended: Promise.all([chain.ended, catalogue.ended, rate?.ended]),
  };
}
