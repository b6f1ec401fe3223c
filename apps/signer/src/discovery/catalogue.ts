import type { RunnerOffer } from '@lp/discovery';
import { deadline } from '@lp/runtime';
import { messageOf } from '../message-of.ts';
import {
  type AskPorts,
  askCapabilities,
  askRunners,
  type Capabilities,
  type HalfAnswer,
} from './ask-orchestrator.ts';
import { type Half, LastKnown } from './last-known.ts';

/** What is known of an orchestrator. */
export interface KnownOrchestrator {
  /** Where it is asked. */
  readonly url: string;
  /** From its `/discovery`. */
  readonly runners: Half<readonly RunnerOffer[]>;
  /** From its gRPC. */
  readonly capabilities: Half<Capabilities>;
}

/** Something that went wrong in a round. */
export interface RoundFailure {
  /** The orchestrator; empty for the list of them. */
  readonly url: string;
  readonly of: 'runners' | 'capabilities' | 'orchestrators';
  readonly code: string;
  readonly message: string;
}

/** How a catalogue is filled. Times in milliseconds; the signal ends the polling. */
export interface CatalogueOptions extends AskPorts {
  /** Service URLs of the orchestrators to ask, each round anew. */
  readonly orchestrators: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly intervalMs: number;
  /** What an orchestrator said is dropped at this age: runners and capabilities each by themselves. */
  readonly maxAgeMs: number;
  readonly onFailure?: (failure: RoundFailure) => void;
  /** Told when nothing is left to list, and when there is something again. */
  readonly onEmpty?: (empty: boolean) => void;
}

/** What all known orchestrators offer. */
export interface Catalogue {
  /** In the order they are asked. */
  known(): readonly KnownOrchestrator[];
  /** Settles after the first round. */
  readonly firstRound: Promise<void>;
  /** Settles when polling ended, which only the signal does. */
  readonly ended: Promise<void>;
}

interface Entry {
  readonly runners: LastKnown<readonly RunnerOffer[]>;
  readonly capabilities: LastKnown<Capabilities>;
}

const LIST_TIMEOUT_MS = 15_000;

/**
 * Asks every orchestrator for its `/discovery` and, beside it, its gRPC: all at once, round after round. Each half that
 * fails keeps what it said last until that is too old, so that neither a slow poll nor a missing half empties the list
 * (remote-signer.md section 4; go-livepeer #4087, #4089).
 */
export function watchCatalogue(options: CatalogueOptions): Catalogue {
  const { clock, signal, maxAgeMs, onFailure } = options;
  const entries = new Map<string, Entry>();
  let urls: readonly string[] = [];
  let empty: boolean | undefined;

  const take = async <T>(
    url: string,
    of: RoundFailure['of'],
    last: LastKnown<T>,
    asked: Promise<HalfAnswer<T>>,
  ): Promise<void> => {
    try {
      const answer = await asked;
      last.take(answer);
      if (!answer.ok) onFailure?.({ url, of, code: answer.code, message: answer.message });
    } catch (error) {
      if (signal.aborted) return;
      const failure = { code: 'internal', message: messageOf(error) };
      last.take({ ok: false, absent: false, ...failure });
      onFailure?.({ url, of, ...failure });
    }
  };
  const ask = async (url: string): Promise<void> => {
    const entry = entries.get(url) ?? {
      runners: new LastKnown(clock, maxAgeMs),
      capabilities: new LastKnown(clock, maxAgeMs),
    };
    entries.set(url, entry);
    await Promise.all([
      take(url, 'runners', entry.runners, askRunners(url, options)),
      take(url, 'capabilities', entry.capabilities, askCapabilities(url, options)),
    ]);
  };
  const list = async (): Promise<void> => {
    try {
      using limit = deadline(LIST_TIMEOUT_MS, signal, clock);
      const found = (await options.orchestrators(limit.signal)).filter((url) => url.trim() !== '');
      if (found.length > 0 || urls.length === 0) urls = [...new Set(found)];
      else onFailure?.({ ...NO_LIST, message: 'the list of orchestrators is empty; the last one is kept' });
    } catch (error) {
      if (!signal.aborted) onFailure?.({ ...NO_LIST, message: messageOf(error) });
    }
  };
  const round = async (): Promise<void> => {
    await list();
    if (signal.aborted) return;
    const listed = new Set(urls);
    for (const url of entries.keys()) if (!listed.has(url)) entries.delete(url);
    await Promise.all(urls.map(ask));
    const nowEmpty = !known().some(offersSomething);
    if (nowEmpty !== empty && (empty !== undefined || nowEmpty)) options.onEmpty?.(nowEmpty);
    empty = nowEmpty;
  };
  const known = (): readonly KnownOrchestrator[] =>
    urls.flatMap((url) => {
      const entry = entries.get(url);
      if (entry === undefined) return [];
      return [{ url, runners: entry.runners.half(), capabilities: entry.capabilities.half() }];
    });
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
  return { firstRound, ended: poll(), known };
}

const NO_LIST = { url: '', of: 'orchestrators', code: 'orchestrator-list' } as const;

function offersSomething({ runners, capabilities }: KnownOrchestrator): boolean {
  return (runners.news?.value.length ?? 0) > 0 || (capabilities.news?.value.offered.length ?? 0) > 0;
}
