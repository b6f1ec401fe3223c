import { formatRatio, parseRatio, priceFromUsd } from '@lp/pricing';
import { createTransport, systemClock, systemRandom } from '@lp/runtime';
import {
  type Config,
  closeServer,
  createMetrics,
  HttpError,
  listen,
  parseApiKeys,
  type RunningService,
  refuseOpenListener,
  type ServiceContext,
} from '@lp/service';
import { gatewayServer } from './http/gateway-server.ts';
import { countSessions } from './metrics.ts';
import type { gatewayOptions } from './options.ts';
import { liveSessions } from './port/live-sessions.ts';
import { splitTransport } from './port/split-transport.ts';
import { trickleMedia } from './port/trickle-media.ts';
import { exchangeRate } from './rate/from-config.ts';
import { SessionTable } from './session/session-table.ts';
import { SignerWatch } from './session/signer-watch.ts';

/** What `lp-gateway` is configured with. */
export type GatewayConfig = Config<(typeof gatewayOptions)['rows']>;

const MAX_BUFFERED_BYTES = 1 << 20;
const KEEP_CLOSED = 256;

/** Starts the gateway on the network. Throws errors with `exitCode` 2 when the configuration cannot be used. */
export async function startGateway(
  config: GatewayConfig,
  { log, signal, fail }: ServiceContext,
  version: string,
): Promise<RunningService> {
  refuseOpenListener(config.host, config.apiKeys !== undefined, 'set --api-keys-file');
  const clock = systemClock;
  const random = systemRandom;
  const { tls, privateAddresses, signerUrl, orchestrators } = config;
  const open = createTransport({ tls });
  const guarded = createTransport({ tls, privateAddresses });
  const transport = splitTransport({ trusted: [signerUrl, ...orchestrators], open, guarded });
  const rate = await exchangeRate(config, { clock, transport: open, signal });
  const signer = {
    url: signerUrl,
    ...(config.signerToken === undefined
      ? {}
      : { headers: { authorization: `Bearer ${config.signerToken}` } }),
  };
  const openTimeoutMs = config.openTimeoutSeconds * 1000;
  const port = liveSessions({
    signer,
    orchestrators,
    transport,
    clock,
    random,
    maxSpendWei: config.maxSpendWei,
    openTimeoutMs,
    maxPrice() {
      const weiPerUsd = rate.current();
      if (weiPerUsd === undefined) {
        throw new HttpError(
          503,
          'no-exchange-rate',
          'the price ceiling is in USD and there is no exchange rate now',
        );
      }
      return priceFromUsd({ usd: config.maxPriceUsdPerHour, unit: 'hour', weiPerUsd });
    },
  });
  const media = trickleMedia({ transport, clock, random, maxJpegBytes: config.maxFrameBytes });
  const table = new SessionTable({
    port,
    media,
    clock,
    random,
    limits: {
      maxSessions: config.maxSessions,
      idleMs: config.idleSeconds * 1000,
      openTimeoutMs,
      keepClosed: KEEP_CLOSED,
    },
    onClosed: ({ parts, closeReason }, receipt) => {
      const { paidWei, feeWei, ...rest } = receipt;
      const sums = { ...rest, paidWei: `${paidWei}`, feeWei: `${feeWei}` };
      log.info(
        { session: parts.id, owner: parts.owner, app: parts.app, ...sums, reason: closeReason },
        'session closed',
      );
    },
  });
  const watch = new SignerWatch({
    url: signerUrl,
    transport: open,
    clock,
    needed: () => table.openCount > 0,
    lost: (cause) => table.all().forEach((session) => session.narrator.signerLost(cause)),
    back: () => table.all().forEach((session) => session.narrator.signerBack()),
  });
  const metrics = createMetrics();
  countSessions(metrics, table);
  const server = await gatewayServer({
    log,
    version,
    metrics,
    access: {
      keys: config.apiKeys === undefined ? undefined : parseApiKeys(config.apiKeys),
      hosts: [config.host, ...config.allowedHosts],
      origins: config.allowedOrigins,
    },
    checks: { signer: (stop) => watch.check(stop), rate: () => rate.check() },
    context: {
      table,
      port,
      clock,
      weiPerUsd: () => rate.current(),
      limits: {
        maxSockets: config.maxSockets,
        maxFrameBytes: config.maxFrameBytes,
        maxBufferedBytes: MAX_BUFFERED_BYTES,
      },
      settings: { development: config.development, named: namedSettings(config) },
    },
  });
  const stopped = new AbortController();
  watch.run(stopped.signal).catch(fail);
  rate.keepFresh(stopped.signal, (err) => log.warn({ err }, 'the price feed could not be read')).catch(fail);
  const url = await listen(server, config);
  return {
    url,
    async close(deadline) {
      stopped.abort();
      await Promise.race([table.closeAll('gateway-shutdown'), aborted(deadline)]);
      const how = await closeServer(server, deadline);
      if (how === 'cut') log.warn('connections were cut at the deadline');
      await transport.close();
    },
  };
}

/** Resolves when `signal` aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What the page shows of the configuration: nothing secret. */
function namedSettings(config: GatewayConfig): Readonly<Record<string, string>> {
  const further = config.namedSettings.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name.trim(), value.join('=').trim()] as const;
  });
  const { weiPerUsd } = config;
  return {
    'Price ceiling': `$${config.maxPriceUsdPerHour} an hour`,
    'Wei for one USD': weiPerUsd === undefined ? 'from the price feed' : formatRatio(parseRatio(weiPerUsd)),
    'Closed when nobody watches for': `${config.idleSeconds} seconds`,
    ...Object.fromEntries(further),
  };
}
