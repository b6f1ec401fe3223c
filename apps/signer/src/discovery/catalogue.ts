import { type FetchedList, fetchRunnerList, listRequests, type RunnerOffer } from '@lp/discovery';
import { type Clock, deadline, type Transport } from '@lp/runtime';

/** A runner and how old the news of it is. */
export interface ListedOffer {
  readonly offer: RunnerOffer;
  /** When its orchestrator said so, unix milliseconds. */
  readonly lastSeenMs: number;
  /** Milliseconds since its orchestrator said so. */
  readonly ageMs: number;
}

/** How a catalogue is filled. Times in milliseconds. */
export interface CatalogueOptions {
  /** Service URLs of the orchestrators to ask, each round anew. */
  readonly orchestrators: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Ends the polling. */
  readonly signal: AbortSignal;
  readonly intervalMs: number;
  /** Runners of an orchestrator that stopped answering are dropped at this age. */
  readonly maxAgeMs: number;
  /** Told what went wrong in a round: an orchestrator, or the list of them. */
  readonly onFailure?: (failure: { readonly url: string; readonly message: string }) => void;
  /** Told how many runners are listed when none are left, and when there are some again. */
  readonly onEmpty?: (empty: boolean) => void;
  /** Orchestrators that are not listed, whoever announces them. */
  readonly isBlocked?: (orchestrator: string) => boolean;
}

/** Runners of all known orchestrators. */
export interface Catalogue {
  /** All runners, in the order of the orchestrators; news older than the limit is left out. */
  offers(): readonly ListedOffer[];
  /** Settles after the first round. */
  readonly firstRound: Promise<void>;
  /** Settles when polling ended, which only the signal does. */
  readonly ended: Promise<void>;
}

const FETCH_TIMEOUT_MS = 5000;
const LIST_TIMEOUT_MS = 15_000;

/**
 * Asks every orchestrator for its `/discovery`, all at once, round after round. One that fails keeps its last known
 * runners until they are too old, so that a slow poll never empties the list (go-livepeer #4087).
 */
export function watchCatalogue(options: CatalogueOptions): Catalogue {
  const { clock, signal, maxAgeMs } = options;
  const known = new Map<string, { readonly offers: readonly RunnerOffer[]; readonly atNs: bigint }>();
  let urls: readonly string[] = [];
  let empty: boolean | undefined;

  const ask = async (url: string): Promise<void> => {
    try {
      const answer = await askOne(url, options);
      if (answer.ok) known.set(url, { offers: answer.offers, atNs: clock.monotonicNs() });
      else options.onFailure?.({ url, message: answer.failure.message });
    } catch (error) {
      if (!signal.aborted) options.onFailure?.({ url, message: messageOf(error) });
    }
  };
  const round = async (): Promise<void> => {
    try {
      const found = await listOrchestrators(options);
      if (found.length > 0 || urls.length === 0) urls = found;
      else
        options.onFailure?.({ url: '', message: 'the list of orchestrators is empty; the last one is kept' });
    } catch (error) {
      if (signal.aborted) return;
      options.onFailure?.({ url: '', message: messageOf(error) });
    }
    await Promise.all(urls.map(ask));
    for (const [url, { atNs }] of known) {
      if (!urls.includes(url) || clock.monotonicNs() - atNs > nanoseconds(maxAgeMs)) known.delete(url);
    }
    const nowEmpty = offers().length === 0;
    if (nowEmpty !== empty && (empty !== undefined || nowEmpty)) options.onEmpty?.(nowEmpty);
    empty = nowEmpty;
  };
  const offers = (): readonly ListedOffer[] => {
    const [nowNs, nowMs] = [clock.monotonicNs(), clock.wallMs()];
    return urls.flatMap((url) => {
      const entry = known.get(url);
      if (entry === undefined) return [];
      const sinceMs = Number((nowNs - entry.atNs) / 1_000_000n);
      if (sinceMs > maxAgeMs) return [];
      return entry.offers.flatMap((offer) => {
        const ageMs = offer.ageMs + sinceMs;
        return options.isBlocked?.(offer.orchestrator) === true
          ? []
          : [{ offer, ageMs, lastSeenMs: nowMs - ageMs }];
      });
    });
  };
  const firstRound = round();
  const poll = async (): Promise<void> => {
    await firstRound;
    while (!signal.aborted) {
      try {
        await clock.sleep(options.intervalMs, signal);
      } catch {
        return; // the signal: nothing else rejects a sleep
      }
      await round();
    }
  };
  return {
    firstRound,
    ended: poll(),
    offers,
  };
}

async function askOne(url: string, { transport, clock, signal }: CatalogueOptions): Promise<FetchedList> {
  const { requests, failures } = listRequests([{ kind: 'orchestrators', urls: [url] }]);
  const [request] = requests;
  if (request === undefined) {
    const [failure] = failures;
    return {
      ok: false,
      failure: failure ?? { kind: 'orchestrator', url, code: 'invalid-address', message: 'no address' },
    };
  }
  return fetchRunnerList(request, { transport, clock, signal, timeoutMs: FETCH_TIMEOUT_MS });
}

async function listOrchestrators({
  orchestrators,
  signal,
  clock,
}: CatalogueOptions): Promise<readonly string[]> {
  using limit = deadline(LIST_TIMEOUT_MS, signal, clock);
  const urls = await orchestrators(limit.signal);
  return [...new Set(urls.filter((url) => url.trim() !== ''))];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}

function nanoseconds(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}
