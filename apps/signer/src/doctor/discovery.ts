import type { Clock, Transport } from '@lp/runtime';
import { askCapabilities, askRunners, type HalfAnswer } from '../discovery/ask-orchestrator.ts';
import type { KnownOrchestrator } from '../discovery/catalogue.ts';
import { discoveryEntries, type ListingRules } from '../discovery/discovery-answer.ts';
import type { Half } from '../discovery/last-known.ts';
import type { Login } from '../keys/login.ts';
import { messageOf } from '../message-of.ts';
import { type Finding, ok, shownAddress, warn } from './finding.ts';

const LIST_TIMEOUT_MS = 15_000;

type Answers = {
  readonly url: string;
  readonly runners: Awaited<ReturnType<typeof askRunners>>;
  readonly capabilities: Awaited<ReturnType<typeof askCapabilities>>;
};

/** Asks every orchestrator once, both halves. */
export async function discoveryFindings(options: {
  readonly candidates: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly login: Login;
  readonly rules: Omit<ListingRules, 'nowMs'>;
}): Promise<{ readonly findings: readonly Finding[]; readonly urls: readonly string[] }> {
  const { transport, clock, login } = options;
  let urls: readonly string[];
  try {
    const found = await options.candidates(AbortSignal.timeout(LIST_TIMEOUT_MS));
    urls = [...new Set(found.filter((url) => url.trim() !== ''))];
  } catch (error) {
    const advice = 'see the chain, or --orchestrator-list-url';
    return {
      findings: [warn('discovery', `no list of orchestrators: ${messageOf(error)}`, advice)],
      urls: [],
    };
  }
  // Each request has a deadline of its own: nothing ends them early.
  const ports = { transport, clock, login, signal: new AbortController().signal };
  const answers = await Promise.all(
    urls.map(async (url): Promise<Answers> => {
      const [runners, capabilities] = await Promise.all([
        askRunners(url, ports),
        askCapabilities(url, ports),
      ]);
      return { url, runners, capabilities };
    }),
  );
  const findings = [
    summary(answers, { ...options.rules, nowMs: clock.wallMs() }),
    ...answers.flatMap(silence),
    ...lacking('gRPC', answers, ({ capabilities }) => capabilities),
    ...lacking('/discovery', answers, ({ runners }) => runners),
  ];
  return { findings, urls };
}

/** What is listed, and how much of what is offered is not. */
function summary(answers: readonly Answers[], rules: ListingRules): Finding {
  const known = answers.map(
    ({ url, runners, capabilities }): KnownOrchestrator => ({
      url,
      runners: fresh(runners),
      capabilities: fresh(capabilities),
    }),
  );
  const entries = discoveryEntries(known, rules);
  const runners = entries.reduce((sum, entry) => sum + (entry.runners?.length ?? 0), 0);
  const capabilities = entries.filter((entry) => entry.age_ms !== undefined).length;
  const offered = known.reduce((sum, one) => sum + (one.runners.news?.value.length ?? 0), 0);
  const hidden = offered - runners;
  const detail = `priced runners: ${runners}, orchestrators: ${answers.length}, with capabilities: ${capabilities}`;
  const more = hidden > 0 ? `; runners without a price, or above the ceilings: ${hidden}` : '';
  return entries.length > 0
    ? ok('discovery', `${detail}${more}`)
    : warn(
        'discovery',
        `${detail}${more}`,
        'callers get 503: raise the ceilings, or name other orchestrators with --orchestrators',
      );
}

/** An orchestrator of which a half does not answer although it should, or of which neither does. */
function silence({ url, runners, capabilities }: Answers): readonly Finding[] {
  const neither = !runners.ok && !capabilities.ok;
  const problems = [...problem('/discovery', runners, neither), ...problem('gRPC', capabilities, neither)];
  if (problems.length === 0) return [];
  const advice = 'ask its operator, or leave it out with --orchestrator-blocklist';
  return [warn(`orchestrator ${shownAddress(url)}`, problems.join('; '), advice)];
}

function problem(of: string, answer: HalfAnswer<unknown>, evenIfAbsent: boolean): readonly string[] {
  if (answer.ok || (answer.absent && !evenIfAbsent)) return [];
  return [`${of}: ${answer.code}: ${answer.message}`];
}

/** The orchestrators that answer without one of the halves: that is how many are. */
function lacking(
  half: string,
  answers: readonly Answers[],
  of: (answers: Answers) => HalfAnswer<unknown>,
): readonly Finding[] {
  const urls = answers.filter((one) => {
    const answer = of(one);
    return !answer.ok && answer.absent && (one.runners.ok || one.capabilities.ok);
  });
  return urls.length === 0
    ? []
    : [ok(half, `not offered by ${urls.map(({ url }) => shownAddress(url)).join(', ')}`)];
}

function fresh<T>(answer: HalfAnswer<T>): Half<T> {
  return answer.ok
    ? { state: 'answered', news: { value: answer.value, ageMs: 0 } }
    : { state: 'none', news: undefined };
}
