import type { MessageSigner } from '@lp/pm';
import type { Chain } from '@lp/pm/chain';
import { type Clock, type Random, systemClock, systemRandom, type Transport } from '@lp/runtime';
import {
  ConfigError,
  closeServer,
  createMetrics,
  listen,
  type RunningService,
  type ServiceContext,
} from '@lp/service';
import type { FastifyInstance } from 'fastify';
import { isConfigured } from './access/configure-access.ts';
import { createGate } from './access/gate.ts';
import { blocklist } from './discovery/candidates.ts';
import { parseHeaderList } from './header-list.ts';
import { createAdminServer } from './http/admin-server.ts';
import { createApiServer } from './http/api-server.ts';
import { signLogin } from './keys/login.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { createSpending } from './limits/spending.ts';
import type { UsdRate } from './limits/usd-rate.ts';
import { signerMetrics } from './metrics.ts';
import { PaymentDesk } from './payment/payment-desk.ts';
import { policyOf } from './policy.ts';
import { listedRecipients } from './recipients/listed-recipients.ts';
import { payableRecipients } from './recipients/payable-recipients.ts';
import type { SignerConfig } from './signer-config.ts';
import { keepUp } from './upkeep.ts';
import { usageEvents } from './usage/usage-event.ts';
import { usageSinkOf } from './usage/usage-sink-of.ts';
import { startWatchers } from './watchers.ts';
import { GrantMemory } from './webhook/grant-memory.ts';
import { createWebhook } from './webhook/webhook.ts';
import type { WorkerLink } from './workers/worker-link.ts';

/** A started signer. */
export interface RunningSigner extends RunningService {
  /**
   * Takes callers, ceilings and limits from other options; everything else stays.
   *
   * @throws as starting does; everything stays then.
   */
  reconfigure(config: SignerConfig): void;
}

/** A chain that does not answer is not waited for longer: probes want to see that the process lives. */
const START_WAIT_MS = 3000;
/** The webhook has 5 seconds of its own. */
const PAYMENT_WITH_WEBHOOK_MS = 9500;

/** The outside of a signer. */
export interface SignerPorts {
  readonly signer: MessageSigner;
  readonly chain: Chain;
  /** Asks orchestrators for their runners. */
  readonly transport: Transport;
  /** Asks the operator's own services: the webhook and the issuer of tokens. Default: `transport`. */
  readonly services?: Transport;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** The other workers, where there are some. */
  readonly workers?: WorkerLink | undefined;
}

/**
 * Starts the watchers and then both listeners, also when the chain cannot be read: payments are 503 until it can.
 *
 * @throws OpenListenerError; ApiKeyFileError; ConfigError; HeaderListError; RatioError; LedgerSetupError; what the message
 *   signer and listening throw.
 */
export async function startSigner(
  config: SignerConfig,
  ports: SignerPorts,
  { log }: Pick<ServiceContext, 'log'>,
): Promise<RunningSigner> {
  const { signer, transport, services = transport, clock = systemClock, random = systemRandom } = ports;
  let rate: UsdRate | undefined;
  const policyPorts = {
    transport: services,
    clock,
    weiPerUsd: () => {
      if (rate === undefined) throw new TypeError('a ceiling in USD without a rate'); // refused at start
      return rate.current();
    },
  };
  let policy = policyOf(config, policyPorts);
  const webhook =
    config.webhookUrl === undefined
      ? undefined
      : createWebhook({
          url: config.webhookUrl,
          headers: parseHeaderList(config.webhookHeaders ?? ''),
          transport: services,
        });
  const gate = createGate({
    webhook,
    grants: new GrantMemory(clock),
    everyRoute: config.webhookScope === 'all',
    unixSeconds: () => BigInt(Math.floor(clock.wallMs() / 1000)),
  });
  const listed = listedRecipients(config.recipients);
  const login = await signLogin(signer);
  const sink = usageSinkOf(config, services);
  const { ledger, store } = await openLedger(config, { sender: signer.address, clock, log });
  const stop = new AbortController();
  const { signal } = stop;
  const upkeep = keepUp({
    ledger,
    store,
    sink,
    turn: ports.workers?.turn(signal) ?? Promise.resolve(),
    clock,
    random,
    signal,
    log,
  });

  const watchers = startWatchers(config, {
    chain: ports.chain,
    transport,
    services,
    login,
    clock,
    signal,
    log,
  });
  const { chain, catalogue } = watchers;
  rate = watchers.rate;
  const isBlocked = blocklist(config.orchestratorBlocklist);
  const recipients = payableRecipients({ chain: ports.chain, clock, listed });
  if (policy.spending.tables.length === 0) {
    log.warn('no limits: whoever may call may spend the deposit; set LP_SIGNER_LIMITS_FILE');
  }
  const metrics = createMetrics();
  const desk = new PaymentDesk({
    signer,
    chain,
    ledger,
    usageEvent: sink === undefined ? undefined : usageEvents(config.gatewayHost),
    spending: createSpending({ rules: () => policy.spending, recipients, rate: watchers.rate }),
    // read anew for each payment: a reload changes them
    ceilingsFor: (opened) => policy.ceilingsFor(opened),
    get limits() {
      return policy.limits;
    },
    clock,
    random,
    ...(webhook !== undefined && { timeoutMs: PAYMENT_WITH_WEBHOOK_MS }),
  });
  const servers: FastifyInstance[] = [];
  const close = async (cut: AbortSignal): Promise<void> => {
    for (const server of servers) await closeServer(server, cut); // the API first: probes see it drain
    stop.abort(new Error('the signer is closing'));
    await Promise.all([watchers.ended, upkeep]);
    await store.close();
  };
  try {
    const api = await createApiServer({
      login,
      desk,
      catalogue,
      listing: () => ({
        ceilings: policy.ceilings(),
        capabilityCeilings: (capability, model) => policy.capabilityCeilings(capability, model),
        isBlocked,
        nowMs: clock.wallMs(),
      }),
      access: () => policy.access,
      gate,
      corsOrigins: config.corsOrigins,
      metrics: { ...metrics, signer: signerMetrics(metrics, chain, catalogue) },
      log,
    });
    servers.push(api);
    const shown = ports.workers?.aggregate(metrics) ?? metrics;
    const admin = createAdminServer({
      host: config.adminHost,
      chain,
      leastFunds: config,
      ledger,
      store,
      metrics: shown,
      clock,
      log,
    });
    servers.push(admin);
    await within(START_WAIT_MS, clock, watchers.firstRead);
    const adminUrl = await listen(admin, { host: config.adminHost, port: config.adminPort });
    const url = await listen(api, config);
    return {
      url,
      also: { admin: adminUrl },
      close,
      reconfigure(next) {
        const changed = policyOf({ ...next, host: config.host }, policyPorts);
        if (isConfigured(changed.access) !== isConfigured(policy.access)) {
          throw new ConfigError('lp-signer', ['authentication begins or ends with a restart only']);
        }
        policy = changed;
      },
    };
  } catch (error) {
    await close(AbortSignal.abort());
    throw error;
  }
}

/** Waits for `work` at most `ms` milliseconds. */
async function within(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).catch(() => {}); // the signal: nothing else rejects a sleep
  await Promise.race([work, late]);
  done.abort();
}
