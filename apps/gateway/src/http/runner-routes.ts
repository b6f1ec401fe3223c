import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from './api-context.ts';
import { priceSchema, priceView } from './money-view.ts';
import { problemSchema, refusalSchema } from './problem-schema.ts';

const listing = z.object({
  runners: z.array(
    z.object({
      orchestrator: z.string(),
      url: z.string(),
      app: z.string(),
      mode: z.string(),
      price: priceSchema.nullable(),
      capacity: z.object({ total: z.int(), used: z.int(), available: z.int() }),
      gpu: z.string().nullable(),
      version: z.string().nullable(),
    }),
  ),
  refusals: z.array(refusalSchema).meta({ description: 'Runners that would not be used, and why.' }),
  failures: z
    .array(z.object({ source: z.string(), code: z.string(), message: z.string() }))
    .meta({ description: 'Places that could not be asked.' }),
});

/** `GET /runners`. */
export function runnerRoutes(server: FastifyInstance, { port, clock, weiPerUsd }: ApiContext): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/runners',
    {
      schema: {
        tags: ['runners'],
        summary: 'Runners on offer, in the order they would be tried',
        querystring: z.object({ app: z.string().min(1).max(256).optional() }),
        response: { 200: listing, '4xx': problemSchema, '5xx': problemSchema },
      },
    },
    async (request) => {
      const stop = new AbortController();
      const timer = clock.sleep(LISTING_TIMEOUT_MS, stop.signal).then(
        () => stop.abort(new Error('discovery took too long')),
        () => {},
      );
      try {
        const found = await port.runners(request.query.app, stop.signal);
        return {
          runners: found.offers.map(({ price, gpu, version, ...offer }) => ({
            ...offer,
            capacity: { ...offer.capacity },
            price: price === undefined ? null : priceView(price, weiPerUsd()),
            gpu: gpu ?? null,
            version: version ?? null,
          })),
          refusals: found.refusals.map((refusal) => ({ ...refusal, runner: refusal.runner ?? null })),
          failures: found.failures.map((failure) => ({ ...failure })),
        };
      } finally {
        stop.abort();
        await timer;
      }
    },
  );
}

const LISTING_TIMEOUT_MS = 15_000;
