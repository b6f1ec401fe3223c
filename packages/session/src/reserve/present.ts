import type { RunnerOffer } from '@lp/discovery';
import { comparePrice } from '@lp/pricing';
import type { PaymentChallenge } from '@lp/protocol';
import { backoff, type HttpResponse } from '@lp/runtime';
import type { MoneyState } from '../errors.ts';
import { answerText } from '../http-text.ts';
import type { MintedPayment } from '../signer/answer.ts';
import { attemptReservation } from './attempt.ts';
import type { OpenContext } from './context.ts';
import { deriveUrls, readSessionReply, type SessionUrls } from './urls.ts';

/** What presenting the opening payment brought. */
export type Presented =
  | {
      readonly kind: 'reserved';
      readonly urls: SessionUrls;
      /** The runner that took it: the one asked, or a sibling. */
      readonly runner: RunnerOffer;
      readonly sentNs: bigint;
    }
  /** 402 once more: these tickets were not taken, new terms are needed. */
  | { readonly kind: 'challenged-again' }
  | {
      readonly kind: 'refused';
      readonly code: 'full' | 'unreachable' | 'http-status' | 'payment-refused' | 'malformed';
      readonly message: string;
      readonly status?: number;
      readonly money: MoneyState;
    };

/** How long a full runner is asked again with the same headers (funding.md rule 4, last row). */
const FULL_MS = 5_000;
/** Wait before identical bytes are sent again. */
const RESEND_MS = 2_000;
const MAX_UNKNOWN = 3;

const otherWith = (runner: RunnerOffer, candidates: readonly RunnerOffer[]): RunnerOffer[] =>
  candidates.filter(
    (other) =>
      other.url !== runner.url &&
      other.orchestrator === runner.orchestrator &&
      other.price !== undefined &&
      runner.price !== undefined &&
      other.price.unit === runner.price.unit &&
      comparePrice(other.price, runner.price) === 0,
  );

/**
 * Reserves with the opening payment. Nothing is minted here: the same headers go out again after a 503 (also to a
 * sibling of the same orchestrator, unit and price) and after an answer that was lost (live-runner.md section 7).
 */
export async function present(
  runner: RunnerOffer,
  candidates: readonly RunnerOffer[],
  opening: { readonly challenge: PaymentChallenge; readonly minted: MintedPayment },
  context: OpenContext,
): Promise<Presented> {
  const { clock, signal } = context;
  const hosts = [runner, ...otherWith(runner, candidates)];
  const startedNs = clock.monotonicNs();
  let sentNs: bigint | undefined;
  let unknown = 0;
  for (let attempt = 0; ; attempt++) {
    // After an answer was lost only the same runner can say whether it has the session.
    const host = unknown > 0 ? runner : (hosts[attempt % hosts.length] ?? runner);
    const attemptNs = clock.monotonicNs();
    const answer = await attemptReservation(host, opening, host === runner, context);
    if ('sent' in answer) {
      if (answer.sent) {
        sentNs ??= attemptNs;
        unknown++;
      }
      if (unknown >= MAX_UNKNOWN || attempt >= MAX_UNKNOWN * 2) {
        const money = sentNs === undefined ? 'none' : 'unknown';
        return { kind: 'refused', code: 'unreachable', message: answer.message, money };
      }
      await clock.sleep(RESEND_MS, signal);
      continue;
    }
    const firstSentNs = sentNs ?? attemptNs;
    sentNs = firstSentNs;
    const read = readReservation(answer, host, opening.challenge, unknown > 0);
    if (read.kind === 'reserved') {
      // A 200 says that no earlier attempt has reserved; a 409 leaves open which one has.
      return { ...read, runner: host, sentNs: answer.status < 300 ? attemptNs : firstSentNs };
    }
    if (read.kind === 'lost') {
      unknown++;
      if (unknown >= MAX_UNKNOWN) {
        return {
          kind: 'refused',
          code: 'http-status',
          message: read.message,
          status: answer.status,
          money: 'unknown',
        };
      }
      await clock.sleep(RESEND_MS, signal);
      continue;
    }
    if (read.kind !== 'full') {
      // A sibling's refusal decides nothing for the runner that was asked.
      if (host === runner || read.kind === 'challenged-again') return read;
      hosts.splice(hosts.indexOf(host), 1);
      continue;
    }
    const waitedMs = Number((clock.monotonicNs() - startedNs) / 1_000_000n);
    if (waitedMs >= FULL_MS) {
      return { kind: 'refused', code: 'full', message: read.message, status: 503, money: 'sent' };
    }
    const pause = 100 + backoff(attempt, { baseMs: 200, maxMs: 1_500, random: context.random });
    await clock.sleep(Math.min(pause, FULL_MS - waitedMs), signal);
  }
}

type ReadReservation =
  | { readonly kind: 'reserved'; readonly urls: SessionUrls }
  | { readonly kind: 'full'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string }
  | Exclude<Presented, { kind: 'reserved' }>;

/** The reservation's statuses (live-runner.md section 7). */
function readReservation(
  response: HttpResponse,
  host: RunnerOffer,
  challenge: PaymentChallenge,
  resent: boolean,
): ReadReservation {
  const { status } = response;
  if (status >= 200 && status < 300) {
    const urls = readSessionReply(response.body);
    return { kind: 'reserved', urls: urls ?? deriveUrls(challenge, host.url) };
  }
  const { message: text } = answerText(response);
  const message = `answered ${status} ${text}`.trim();
  const refused = (code: 'http-status' | 'payment-refused', money: MoneyState): ReadReservation => ({
    kind: 'refused',
    code,
    message,
    status,
    money,
  });
  switch (status) {
    case 400:
      return refused('payment-refused', 'consumed');
    case 402:
      return { kind: 'challenged-again' };
    case 409:
      // Our own manifest id: an attempt whose answer was lost has reserved and paid.
      return /already exists/i.test(text) || resent
        ? { kind: 'reserved', urls: deriveUrls(challenge, host.url) }
        : refused('http-status', 'sent');
    case 429:
    case 503:
      return { kind: 'full', message };
    default:
      return status >= 500 ? { kind: 'lost', message } : refused('http-status', 'sent');
  }
}
