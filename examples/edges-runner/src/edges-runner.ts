import { type Registration, type RunnerEvent, registerRunner } from '@lp/runner';
import { createTransport, systemClock } from '@lp/runtime';
import type { FastifyServerOptions } from 'fastify';
import { type Config, ConfigError } from './config.ts';
import { createServer } from './server.ts';
import { SessionStreams } from './session-streams.ts';

/** A running runner. */
export interface EdgesRunner extends AsyncDisposable {
  readonly url: string;
  readonly runnerId: string;
  /** Ends all streams, unregisters, stops listening. */
  close(): Promise<void>;
}

/** How a runner starts. */
export interface StartOptions {
  readonly logger?: FastifyServerOptions['logger'];
  /** Gives up starting. It has no effect on a runner that runs: close that one. */
  readonly signal?: AbortSignal;
}

/**
 * Listens, registers, and serves until closed. Resolves once the orchestrator knows the runner.
 *
 * @throws ConfigError, RegistrationError, or the listener's error
 */
export async function startEdgesRunner(
  config: Config,
  { logger = false, signal }: StartOptions = {},
): Promise<EdgesRunner> {
  if (config.publicUrl === undefined && (config.host === '0.0.0.0' || config.host === '::')) {
    throw new ConfigError('EDGES_PUBLIC_URL is needed when EDGES_HOST listens on every address');
  }
  const clock = systemClock;
  const transport = createTransport({ clock });
  let registration: Registration | undefined;
  // A registration lives as long as its signal; streams have to end before it, so it gets one of its own.
  const starting = new AbortController();
  const giveUp = (): void => starting.abort(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  const streams = new SessionStreams({
    clock,
    transport,
    log: (entry) => app.log.info(entry, `stream ${entry.stream}`),
  });
  const app = createServer({ registration: () => registration, streams, logger });

  const close = async (): Promise<void> => {
    await streams.close();
    await registration?.close();
    await app.close();
    await transport.close();
  };
  try {
    const url = await app.listen({ host: config.host, port: config.port });
    registration = await registerRunner({
      orchestrator: config.orchestratorUrl,
      secret: config.secret,
      runnerUrl: config.publicUrl ?? url,
      app: config.app,
      price: { usd: config.priceUsdPerHour, unit: 'hour' },
      capacity: config.capacity,
      clock,
      transport,
      signal: starting.signal,
      onEvent: (event: RunnerEvent) => {
        const trouble = event.type === 'heartbeat-failed' || event.type === 'lost';
        app.log[trouble ? 'warn' : 'info'](event, event.type);
      },
    });
    signal?.removeEventListener('abort', giveUp);
    const { runnerId } = registration;
    return { url, runnerId, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
