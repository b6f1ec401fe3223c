import { stringifyJson } from '@lp/protocol';
import { Refusal } from '../errors.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { offerOf } from '../prices/offer.ts';
import { isReady, type Runner } from '../registry/runner.ts';
import type { Route } from './route.ts';

/** The runners that can be reserved, with price and capacity (live-runner.md section 10.4). */
export const discoveryRoutes = (orchestrator: Orchestrator): readonly Route[] => [
  {
    method: 'GET',
    url: '/discovery',
    handler: (_request, reply) => {
      const { service } = orchestrator.urls();
      const runners = orchestrator.registry
        .runners()
        .filter(isReady)
        .map((runner) => describe(runner, orchestrator, service));
      const entry = { address: service, ...(runners.length === 0 ? {} : { runners }) };
      return reply.type('application/json').send(stringifyJson([entry]));
    },
  },
];

function describe(runner: Runner, orchestrator: Orchestrator, service: string): Record<string, unknown> {
  const { app, capacity, gpu, metadata, mode, version } = runner.registration;
  const used = runner.sessions.size;
  const price = orchestrator.desk.onchain ? publishedPrice(runner, orchestrator) : undefined;
  return {
    url: `${service}/apps/${encodeURIComponent(runner.route)}/session`,
    ...(gpu === undefined ? {} : { gpu }),
    app,
    ...(version === '' ? {} : { version }),
    ...(metadata === '' ? {} : { metadata }),
    mode,
    capacity,
    capacity_used: used,
    capacity_available: capacity - used,
    ...(price === undefined ? {} : { price_info: price }),
  };
}

/** Absent when the price cannot be converted now. */
function publishedPrice(
  runner: Runner,
  { rate }: Orchestrator,
): { price: bigint; currency: 'wei'; unit: string } | undefined {
  try {
    const offer = offerOf(runner, rate);
    return { price: offer.price.pricePerUnit, currency: 'wei', unit: offer.unit };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
