import { type Clock, systemClock, type Transport } from '@lp/runtime';
import type { DiscoveryFailure } from './failure.ts';
import { type FetchedList, fetchRunnerList } from './fetch-list.ts';
import { offerKey, type RunnerOffer } from './offer.ts';
import type { SkippedRunner } from './skipped.ts';
import { type DiscoverySource, type ListRequest, listRequests } from './sources.ts';

/** How to discover. */
export interface DiscoverOptions {
  readonly transport: Transport;
  /** Default: the system clock. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Deadline of each request, milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Passed to the sources as a filter where they may understand it; the answer is not filtered by it. */
  readonly app?: string;
  /** Sources asked at the same time. Default 5. */
  readonly concurrency?: number;
}

/** What all sources together offer. */
export interface Discovery {
  /** One offer per runner URL; of several the freshest, of equals that of the earlier source. */
  readonly offers: readonly RunnerOffer[];
  /** Sources that gave no list. */
  readonly failures: readonly DiscoveryFailure[];
  /** Runners left out, with the list they were in. */
  readonly skipped: readonly (SkippedRunner & { readonly list: string })[];
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_CONCURRENCY = 5;

/** Runs `work` for each item, `limit` at a time; results keep the order of the items. */
async function mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/**
 * Asks every source and merges the answers, in the order of the sources (client.md section 2). A source that fails is
 * reported and does not cost the others; all sources failing is an empty list with failures, not an exception.
 *
 * @throws only the reason of `signal`
 * @example
 * const { offers, failures } = await discoverRunners(
 *   [{ kind: 'orchestrators', urls: ['https://orchestrator.example:8935'] }], { transport });
 */
export async function discoverRunners(
  sources: readonly DiscoverySource[],
  options: DiscoverOptions,
): Promise<Discovery> {
  const { transport, clock = systemClock, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  signal?.throwIfAborted();
  const { requests, failures } = listRequests(sources, options.app);
  const lists = await mapConcurrent(
    requests,
    Math.max(1, options.concurrency ?? DEFAULT_CONCURRENCY),
    (request: ListRequest): Promise<FetchedList> =>
      fetchRunnerList(request, { transport, clock, timeoutMs, ...(signal === undefined ? {} : { signal }) }),
  );
  return merge(lists, failures);
}

function merge(lists: readonly FetchedList[], early: readonly DiscoveryFailure[]): Discovery {
  const offers = new Map<string, RunnerOffer>();
  const failures = [...early];
  const skipped: (SkippedRunner & { list: string })[] = [];
  for (const list of lists) {
    if (!list.ok) {
      failures.push(list.failure);
      continue;
    }
    for (const offer of list.offers) {
      const known = offers.get(offerKey(offer));
      if (known === undefined || offer.ageMs < known.ageMs) offers.set(offerKey(offer), offer);
    }
    const name = list.request.url.split('?', 1)[0] ?? '';
    for (const entry of list.skipped) skipped.push({ ...entry, list: name });
  }
  return { offers: [...offers.values()], failures, skipped };
}
