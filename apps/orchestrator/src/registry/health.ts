import { type Clock, type Transport, TransportError } from '@lp/runtime';
import type { Registry } from './registry.ts';
import type { HealthProbe, Runner } from './runner.ts';

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 3_000;
/** One failed probe must not kill live sessions (live-runner.md section 14, row 3): two in a row do. */
const FAILURES_UNTIL_UNHEALTHY = 2;

interface HealthOptions {
  readonly registry: Registry;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** Asks a runner's health URL once; true only for the status that was agreed. */
export async function probe(
  health: HealthProbe,
  transport: Transport,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const answer = await transport.request({
      method: 'GET',
      url: health.url,
      timeoutMs: TIMEOUT_MS,
      maxBodyBytes: 64 * 1024,
      ...(signal === undefined ? {} : { signal }),
    });
    return answer.status === health.healthyStatusCode;
  } catch (error) {
    if (error instanceof TransportError) return false;
    throw error;
  }
}

/** Probes every static runner each five seconds, side by side, until the signal aborts (live-runner.md section 5). */
export async function watchHealth(options: HealthOptions, signal: AbortSignal): Promise<void> {
  const failures = new Map<string, number>();
  while (!signal.aborted) {
    try {
      await options.clock.sleep(INTERVAL_MS, signal);
    } catch {
      return; // aborted: the orchestrator stops
    }
    await Promise.all(
      options.registry.runners().map((runner) => checkOne(runner, failures, options, signal)),
    );
  }
}

async function checkOne(
  runner: Runner,
  failures: Map<string, number>,
  { registry, transport }: HealthOptions,
  signal: AbortSignal,
): Promise<void> {
  if (runner.life.kind !== 'static') return;
  const healthy = await probe(runner.life.health, transport, signal);
  if (signal.aborted) return;
  const failed = healthy ? 0 : (failures.get(runner.id) ?? 0) + 1;
  failures.set(runner.id, failed);
  if (healthy) registry.setHealthy(runner, true);
  else if (failed >= FAILURES_UNTIL_UNHEALTHY) registry.setHealthy(runner, false);
}
