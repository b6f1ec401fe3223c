import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** The variable by which a worker knows that it is one: the ports of API and admin listener, `8937 7937`. */
export const WORKER_PORTS = 'LP_SIGNER_WORKER_PORTS';

/** Metrics of one process, as prom-client hands them out. */
export type ProcessMetrics = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What the supervisor tells a worker. */
export type ToWorker =
  /** Drain and end. */
  | { readonly kind: 'stop' }
  /** Read the files again. */
  | { readonly kind: 'reload' }
  /** From now on do what one worker does for all. */
  | { readonly kind: 'turn' }
  /** Answer with `measured`. */
  | { readonly kind: 'measure'; readonly id: number }
  /** The answer to `aggregate`. */
  | { readonly kind: 'aggregated'; readonly id: number; readonly text: string };

/** What a worker tells the supervisor. */
export type FromWorker =
  | { readonly kind: 'started'; readonly url: string; readonly adminUrl: string }
  | { readonly kind: 'measured'; readonly id: number; readonly metrics: ProcessMetrics }
  /** Asks for the metrics of all processes. */
  | { readonly kind: 'aggregate'; readonly id: number };
