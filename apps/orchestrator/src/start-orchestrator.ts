import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '@lp/pm';
import type { Chain } from '@lp/pm/chain';
import { parseJson } from '@lp/protocol';
import {
  type Clock,
  createTransport,
  type Random,
  systemClock,
  systemRandom,
  type Transport,
} from '@lp/runtime';
import {
  type Config,
  closeServer,
  createMetrics,
  listen,
  type RunningService,
  refuseOpenListener,
  type ServiceContext,
} from '@lp/service';
import { createTrickleServer } from '@lp/trickle/server';
import { trickleHost } from './channels/trickle-host.ts';
import { logDesk, logRegistry } from './log-events.ts';
import { orchestratorMetrics } from './metrics.ts';
import type { options } from './options.ts';
import type { Orchestrator, OrchestratorUrls } from './orchestrator.ts';
import type { PaymentDesk } from './payments/desk.ts';
import { offchainDesk } from './payments/offchain-desk.ts';
import { openPaymentDesk } from './payments/open-desk.ts';
import { checkTicketSettings } from './payments/ticket-settings.ts';
import { type ExchangeRate, FeedRate, fixedRate } from './prices/rate.ts';
import { watchHealth } from './registry/health.ts';
import { Registry } from './registry/registry.ts';
import { parseStaticRunners } from './registry/static-config.ts';
import { registerStatic } from './routes/admin.ts';
import { adminServer, publicServer } from './server.ts';

/** The options of an orchestrator, without those that its ports were made from. */
export type OrchestratorConfig = Omit<
  Config<(typeof options)['rows']>,
  'network' | 'keystore' | 'password' | 'rpcUrl' | 'controller' | 'recipient' | 'priceFeed' | 'logLevel'
>;

/** The outside of an orchestrator. */
export interface OrchestratorPorts {
  /** Without it the orchestrator runs off-chain: no prices, no payments. */
  readonly payments?: { readonly chain: Chain; readonly recipient: Hex };
  /** For health probes of static runners. Default: HTTP that may reach private addresses, where runners live. */
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Starts the money side, the registry and both listeners, then the static runners. Does not wait for the chain.
 *
 * @throws OpenListenerError; TicketSettingsError; DatabaseVersionError; Refusal for a bad runners file; what listening throws.
 */
export async function startOrchestrator(
  config: OrchestratorConfig,
  ports: OrchestratorPorts,
  { log, fail }: Pick<ServiceContext, 'log' | 'fail'>,
): Promise<RunningService> {
  const {
    clock = systemClock,
    random = systemRandom,
    transport = createTransport({ privateAddresses: 'allow' }),
  } = ports;
  const tls = tlsOf(config);
  refuseOpenListener(config.adminHost, false, 'keep LP_ORCHESTRATOR_ADMIN_HOST on loopback');
  refuseOpenListener(
    config.host,
    tls !== undefined || config.insecureHttp,
    'set LP_ORCHESTRATOR_TLS_CERT_FILE and _KEY_FILE, or --insecure-http behind a TLS proxy',
  );
  const stop = new AbortController();
  const trickle = createTrickleServer({ clock, limits: { channels: 16_384 } });
  const channels = trickleHost(trickle);
  const registry = new Registry({
    clock,
    random,
    channels,
    maxRunners: config.maxRunners,
    onEvent: logRegistry(log),
    ...(config.runnerSecret === undefined ? {} : { bootstrapSecret: config.runnerSecret }),
  });
  let urls: OrchestratorUrls | undefined;
  const urlsNow = (): OrchestratorUrls => {
    if (urls === undefined) throw new Error('the listener has no address yet');
    return urls;
  };
  const desk = await openDesk(config, ports, { clock, random, serviceUrl: () => urlsNow().service, log });
  const rate = rateOf(config, ports, clock, (error) =>
    log.warn({ err: error }, 'the price feed could not be read'),
  );
  const orchestrator: Orchestrator = {
    registry,
    desk,
    rate: rate.rate,
    channels,
    transport,
    random,
    urls: urlsNow,
    log: (level, message, fields = {}) => log[level](fields, message),
  };
  const metrics = createMetrics();
  orchestratorMetrics(metrics, orchestrator, trickle);
  const server = await publicServer({
    orchestrator,
    trickle,
    log,
    metrics,
    ...(tls === undefined ? {} : { tls }),
  });
  const admin = await adminServer({ orchestrator, log, metrics, clock });

  const url = await listen(server, config);
  urls = urlsOf(config, url);
  const adminUrl = await listen(admin, { host: config.adminHost, port: config.adminPort });
  const loops = [
    registry.run(stop.signal),
    watchHealth({ registry, transport, clock }, stop.signal),
    rate.run(stop.signal),
  ];
  for (const loop of loops) loop.catch(fail);
  if (config.runners !== undefined)
    await registerStatic(
      orchestrator,
      parseStaticRunners(parseJson(config.runners), { priced: desk.onchain }),
      stop.signal,
    );

  return {
    url,
    also: { admin: adminUrl },
    async close(cut) {
      registry.close();
      await closeServer(server, cut);
      stop.abort(new Error('the orchestrator is closing'));
      await Promise.allSettled(loops);
      await desk.close();
      await closeServer(admin, cut);
    },
  };
}

async function openDesk(
  config: OrchestratorConfig,
  ports: OrchestratorPorts,
  parts: { clock: Clock; random: Random; serviceUrl: () => string; log: ServiceContext['log'] },
): Promise<PaymentDesk> {
  if (ports.payments === undefined) return offchainDesk();
  const policy = {
    ticketEv: config.ticketEvWei,
    maxFaceValue: config.maxFaceValueWei,
    redeemGas: BigInt(config.redeemGas),
  };
  checkTicketSettings(policy);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  return openPaymentDesk({
    ...ports.payments,
    clock: parts.clock,
    random: parts.random,
    serviceUrl: parts.serviceUrl,
    databaseFile: join(config.dataDir, 'orchestrator.sqlite'),
    debitIntervalMs: config.debitIntervalMs,
    policy,
    onEvent: logDesk(parts.log),
  });
}

function rateOf(
  config: OrchestratorConfig,
  ports: OrchestratorPorts,
  clock: Clock,
  onError: (error: unknown) => void,
): { rate: ExchangeRate; run: (signal: AbortSignal) => Promise<void> } {
  if (config.weiPerUsd !== undefined) return { rate: fixedRate(config.weiPerUsd), run: async () => {} };
  if (ports.payments === undefined) return { rate: { weiPerUsd: () => undefined }, run: async () => {} };
  const feed = new FeedRate({ chain: ports.payments.chain, clock, onError });
  return { rate: feed, run: (signal) => feed.run(signal) };
}

function tlsOf({
  tlsCert: cert,
  tlsKey: key,
}: OrchestratorConfig): { cert: string; key: string } | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw Object.assign(new Error('a certificate needs its key, and a key its certificate'), { exitCode: 2 });
}

function urlsOf(config: OrchestratorConfig, listening: string): OrchestratorUrls {
  const service = (config.serviceUrl ?? listening).replace(/\/$/, '');
  return { service, runner: (config.runnerUrl ?? service).replace(/\/$/, '') };
}
