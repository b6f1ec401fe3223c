import { parseJson } from '@lp/protocol';
import { Refusal } from '../errors.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { probe } from '../registry/health.ts';
import { isReady, type Runner } from '../registry/runner.ts';
import { parseStaticRunners, type StaticRunnerConfig } from '../registry/static-config.ts';
import { bodyBytes, clientGone, param, type Route } from './route.ts';

/** For the operator, on the admin listener only: static runners, accounts, winning tickets. */
export const adminRoutes = (orchestrator: Orchestrator): readonly Route[] => [
  {
    method: 'POST',
    url: '/registerLiveRunners',
    handler: async (request, reply) => {
      const configs = parseStaticRunners(parseJson(bodyBytes(request)), {
        priced: orchestrator.desk.onchain,
      });
      const registered = await registerStatic(orchestrator, configs, clientGone(reply));
      return reply.type('application/json').send(withDecimals({ runners: registered.map(describe) }));
    },
  },
  {
    method: 'GET',
    url: '/ledger/:manifest',
    handler: (request, reply) => {
      const statement = orchestrator.desk.statement(param(request, 'manifest'));
      if (statement === undefined)
        throw new Refusal(404, 'nothing was ever credited to this manifest id', { code: 'unknown-manifest' });
      return reply.type('application/json').send(withDecimals(statement));
    },
  },
  {
    method: 'GET',
    url: '/tickets',
    handler: (request, reply) => {
      const { limit = '100' } = request.query as Record<string, string>; // checked on the next line
      if (!/^\d{1,4}$/.test(limit))
        throw new Refusal(400, 'limit must be 0 to 9999', { code: 'invalid-limit' });
      return reply
        .type('application/json')
        .send(withDecimals({ tickets: orchestrator.desk.tickets({ limit: Number(limit) }) }));
    },
  },
];

/** Probes each runner, then adds all of them (live-runner.md section 5). */
export async function registerStatic(
  orchestrator: Orchestrator,
  configs: readonly StaticRunnerConfig[],
  signal: AbortSignal,
): Promise<readonly Runner[]> {
  const healthy = await Promise.all(
    configs.map((config) => probe(config.health, orchestrator.transport, signal)),
  );
  return configs.map((config, index) => orchestrator.registry.upsertStatic(config, healthy[index] === true));
}

function describe(runner: Runner): Record<string, unknown> {
  const { app, label, mode, runnerUrl } = runner.registration;
  const health = runner.life.kind === 'static' ? runner.life.health : undefined;
  return {
    runner_id: runner.id,
    label,
    app,
    runner_url: runnerUrl.href,
    mode,
    health_url: health?.url,
    healthy_status_code: health?.healthyStatusCode,
    healthy: isReady(runner),
  };
}

/** JSON with exact integers as decimal strings and bytes as hex. */
const withDecimals = (value: unknown): string =>
  JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field === 'bigint') return field.toString();
    return field instanceof Uint8Array ? `0x${Buffer.from(field).toString('hex')}` : field;
  });
