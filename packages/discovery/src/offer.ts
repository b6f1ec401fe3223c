import type { Price } from '@lp/pricing';

/** How a runner is used (live-runner.md section 6); `unknown` when neither the list nor the URL tells. */
export type RunnerMode = 'persistent' | 'single-shot' | 'unknown';

/** Sessions a runner holds. */
export interface RunnerCapacity {
  readonly total: number;
  readonly used: number;
  /** Free sessions; negative after the capacity was lowered below its use. */
  readonly available: number;
}

/** The runner's graphics card, as announced. */
export interface RunnerGpu {
  readonly id?: string;
  readonly name?: string;
  /** Memory in megabytes. */
  readonly vramMb?: number;
}

/** One runner that an orchestrator offers (live-runner.md section 10.4). */
export interface RunnerOffer {
  /** Service URL of the orchestrator, without a trailing slash. */
  readonly orchestrator: string;
  /** Where to reserve or call, as published. */
  readonly url: string;
  readonly app: string;
  readonly mode: RunnerMode;
  readonly capacity: RunnerCapacity;
  /** Exact price in wei; absent off-chain, and when the published one cannot be read. */
  readonly price?: Price;
  readonly gpu?: RunnerGpu;
  readonly version?: string;
  /** Text of the runner's operator, at most 1,024 bytes. Not to be trusted. */
  readonly metadata?: string;
  /** Milliseconds since the orchestrator itself said so, as far as the list tells; 0 when it does not. */
  readonly ageMs: number;
}

/** Identity of an offer: the runner's URL without a trailing slash. */
export const offerKey = (offer: { readonly url: string }): string => offer.url.replace(/\/+$/, '');
