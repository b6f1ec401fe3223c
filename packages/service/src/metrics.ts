import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export { Counter, Gauge, Histogram } from 'prom-client';

/** The metrics of one process: register your own on `registry`. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per request by `method`, `route` (the pattern, never the path) and `status`. */
  readonly requests: Histogram<'method' | 'route' | 'status'>;
}

/** A registry with the process metrics of prom-client and the request histogram. */
export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'lp_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    // From one local read to a request that waits for a cold runner.
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  });
  return { registry, requests };
}

/** Observes every request of a server. Call it on each listener that shares `metrics`, before adding routes. */
export function observeRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    metrics.requests.observe(labels, reply.elapsedTime / 1000);
  });
}

/** `GET /metrics` in the Prometheus text format. Numbers of the business may be sensitive: keep it off open ports. */
export function metricsRoutes(
  server: FastifyInstance,
  metrics: { readonly registry: Pick<Registry, 'contentType' | 'metrics'> },
): void {
  server.get('/metrics', { schema: { hide: true } as object }, async (_request, reply) => {
    reply.header('cache-control', 'no-store').type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
