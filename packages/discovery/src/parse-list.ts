import { parseJson, WireError } from '@lp/protocol';
import { AddressError, joinUrl } from './address.ts';
import { MAX_LIST_BYTES, MAX_RUNNERS, MAX_SKIPPED } from './limits.ts';
import type { RunnerOffer } from './offer.ts';
import { parseRunner } from './parse-runner.ts';
import type { SkippedRunner } from './skipped.ts';

/** What one discovery answer holds. */
export interface ParsedList {
  readonly offers: readonly RunnerOffer[];
  /** What was left out and why; at most 1,000 are listed. */
  readonly skipped: readonly SkippedRunner[];
}

/**
 * Reads a discovery answer (live-runner.md section 10.4, remote-signer.md section 4). One bad runner never costs the
 * others. `nowMs` is wall time, for `last_seen`.
 *
 * @throws WireError when the answer as a whole is not a JSON array, or too large
 */
export function parseRunnerList(body: string | Uint8Array, nowMs: number): ParsedList {
  const list = parseJson(body, { maxBytes: MAX_LIST_BYTES });
  if (!Array.isArray(list)) throw new WireError('invalid-field', 'the discovery answer is not an array');
  const offers: RunnerOffer[] = [];
  const skipped: SkippedRunner[] = [];
  const skip = (entry: SkippedRunner): void => {
    if (skipped.length < MAX_SKIPPED) skipped.push(entry);
  };
  for (const [index, entry] of (list as unknown[]).entries()) {
    const path = `[${index}]`;
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      skip({ code: 'not-an-object', message: 'the entry is not an object', path });
      continue;
    }
    const { address, runners } = entry as Record<string, unknown>;
    // An entry of the legacy list has an address and no runners.
    if (runners === undefined || runners === null) continue;
    if (!Array.isArray(runners)) {
      skip({ code: 'invalid-runners', message: 'runners is not an array', path });
      continue;
    }
    const orchestrator = readOrchestrator(address);
    if (orchestrator === undefined) {
      skip({ code: 'invalid-address', message: 'address is not an http(s) URL', path });
      continue;
    }
    for (const [at, runner] of (runners as unknown[]).entries()) {
      const where = `${path}.runners[${at}]`;
      if (offers.length >= MAX_RUNNERS) {
        skip({ code: 'too-many', message: `only the first ${MAX_RUNNERS} runners are read`, path: where });
        return { offers, skipped };
      }
      const parsed = parseRunner(runner, orchestrator, nowMs);
      if ('problem' in parsed) {
        skip({ ...parsed.problem, path: where });
        continue;
      }
      offers.push(parsed.offer);
      if (parsed.priceProblem !== undefined) {
        skip({ code: 'invalid-price', message: parsed.priceProblem, path: where });
      }
    }
  }
  return { offers, skipped };
}

function readOrchestrator(address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined;
  try {
    return joinUrl(address, '');
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}
