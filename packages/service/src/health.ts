import type { Clock } from '@lp/runtime';
import type { FastifyInstance } from 'fastify';
import { isDraining } from './drain.ts';

/** What one readiness check found. The reason is shown to anyone who can reach the server: no secrets, no policy. */
export type CheckResult =
  | { readonly ok: true; readonly note?: string }
  | { readonly ok: false; readonly reason: string };

/** Looks whether something the app needs is there. Must end when `signal` aborts; throwing counts as not ready. */
export type Check = (signal: AbortSignal) => CheckResult | Promise<CheckResult>;

/** The body of `/readyz`. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready' | 'draining';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Settings of `healthRoutes`. */
export interface HealthOptions {
  readonly checks: Readonly<Record<string, Check>>;
  readonly clock: Clock;
  /** Time for all checks together. Default 2,000. */
  readonly timeoutMs?: number;
  /** An answer is reused for this long, so that probes cannot load what they probe. Default 1,000. */
  readonly maxAgeMs?: number;
}

/**
 * `GET /healthz`: 200 while the process serves. `GET /readyz`: 200 when every check is ok, 503 with the reasons
 * otherwise and while draining. Without schemas, so that they work with any validator compiler.
 */
export function healthRoutes(server: FastifyInstance, options: HealthOptions): void {
  const ready = cachedReadiness(options);
  server.get('/healthz', { schema: { hide: true } as object }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'ok' };
  });
  server.get('/readyz', { schema: { hide: true } as object }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const answer: Readiness = isDraining(server) ? { status: 'draining', checks: {} } : await ready();
    return reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
  });
}

function cachedReadiness(options: HealthOptions): () => Promise<Readiness> {
  const { clock, maxAgeMs = 1000 } = options;
  let last: { readonly atNs: bigint; readonly answer: Promise<Readiness> } | undefined;
  return () => {
    const now = clock.monotonicNs();
    if (last === undefined || now - last.atNs >= BigInt(maxAgeMs) * 1_000_000n) {
      last = { atNs: now, answer: readiness(options) };
    }
    return last.answer;
  };
}

/** Runs all checks at once under one deadline. */
export async function readiness(options: HealthOptions): Promise<Readiness> {
  const { clock, timeoutMs = 2000 } = options;
  const stop = new AbortController();
  const late: Promise<CheckResult> = clock
    .sleep(timeoutMs, stop.signal)
    .then(() => ({ ok: false as const, reason: `no answer within ${timeoutMs} ms` }))
    .catch(() => ({ ok: false as const, reason: 'stopped' }));
  const entries = await Promise.all(
    Object.entries(options.checks).map(async ([name, check]) => {
      const found = Promise.resolve()
        .then(() => check(stop.signal))
        .catch((error: unknown): CheckResult => ({ ok: false, reason: reasonOf(error) }));
      return [name, await Promise.race([found, late])] as const;
    }),
  );
  stop.abort();
  const checks = Object.fromEntries(entries);
  return { status: entries.every(([, result]) => result.ok) ? 'ready' : 'not-ready', checks };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'the check failed';
}
