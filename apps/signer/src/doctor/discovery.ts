import { fetchRunnerList, listRequests } from '@lp/discovery';
import type { PriceCeiling } from '@lp/pm/sender';
import type { Clock, Transport } from '@lp/runtime';
import { discoveryEntries } from '../discovery/discovery-answer.ts';
import { type Finding, messageOf, ok, warn } from './finding.ts';

const TIMEOUT_MS = 5000;
const LIST_TIMEOUT_MS = 15_000;

/** Asks every orchestrator once. */
export async function discoveryFindings(options: {
  readonly candidates: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly ceilings: readonly PriceCeiling[];
}): Promise<{ readonly findings: readonly Finding[]; readonly urls: readonly string[] }> {
  const { transport, clock } = options;
  let urls: readonly string[];
  try {
    urls = await options.candidates(AbortSignal.timeout(LIST_TIMEOUT_MS));
  } catch (error) {
    const advice = 'see the chain, or --orchestrator-list-url';
    return {
      findings: [warn('discovery', `no list of orchestrators: ${messageOf(error)}`, advice)],
      urls: [],
    };
  }
  const { requests, failures } = listRequests([{ kind: 'orchestrators', urls: [...urls] }]);
  const answers = await Promise.all(
    requests.map((request) => fetchRunnerList(request, { transport, clock, timeoutMs: TIMEOUT_MS })),
  );
  const problems = [...failures, ...answers.flatMap((answer) => (answer.ok ? [] : [answer.failure]))];
  const offers = answers.flatMap((answer) => (answer.ok ? answer.offers : []));
  const listed = offers.map((offer) => ({ offer, ageMs: 0, lastSeenMs: clock.wallMs() }));
  const runners = discoveryEntries(listed, options.ceilings).reduce(
    (sum, entry) => sum + entry.runners.length,
    0,
  );
  const detail = `priced runners: ${runners}, orchestrators: ${urls.length}`;
  const hidden = offers.length - runners;
  const findings = [
    runners > 0
      ? ok('discovery', hidden > 0 ? `${detail}; ${hidden} without a price, or above the ceilings` : detail)
      : warn(
          'discovery',
          `${detail}; ${hidden} without a price, or above the ceilings`,
          'callers get 503: raise the ceilings, or name other orchestrators with --orchestrators',
        ),
    ...problems.map(({ url, code, message }) =>
      warn(
        `orchestrator ${url}`,
        `${code}: ${message}`,
        'ask its operator, or leave it out with --orchestrator-blocklist',
      ),
    ),
  ];
  return { findings, urls };
}
