import { MAX_WIN_PROB } from '@lp/pm';
import { ceilDiv } from '@lp/pricing';
import type { PaymentChallenge } from '@lp/protocol';
import { SignerError, SpendLimitError } from '../errors.ts';
import {
  amountNs,
  amountUnits,
  type Tariff,
  ticketAmount,
  unitAmount,
  unitsIn,
  unitsPerSecond,
} from '../funding/amount.ts';
import type { LeadAsk } from '../funding/lead.ts';
import { openingTargetNs } from '../funding/runway.ts';
import type { Terms } from '../funding/terms.ts';
import { expectedTickets, MAX_TICKETS } from '../funding/tickets.ts';
import type { MintedPayment, SignerAnswer, SignerStateBlob } from '../signer/answer.ts';
import type { PaymentType } from '../signer/client.ts';
import type { OpenContext } from './context.ts';
import { RunnerRefused } from './refused.ts';

/** The first payment of a session. */
export interface OpeningPayment {
  readonly minted: MintedPayment;
  readonly state: SignerStateBlob;
  /** Units that the signer billed. */
  readonly units: bigint;
  readonly mode: 'lead' | 'explicit' | 'typed' | 'fixed';
  readonly startedNs: bigint;
  readonly mintedNs: bigint;
}

/** The signer wants fresh terms (480) although these are new: ask the runner again. */
export class FreshTermsNeeded extends Error {
  override readonly name = 'FreshTermsNeeded';
}

const MAX_TRIES = 8;
const PRELOAD_SECONDS = 10n;
const NS_PER_MS = 1_000_000n;
const RETRY_MS = [250, 500, 1_000, 1_000] as const;
const TYPED_OPENING_SECONDS = { live: 10n, lv2v: 60n } as const;
/** Refusals that have nothing to do with how units are counted. */
const OTHER_CAUSE = /ticket|deposit|reserve|unlock|auth token|price|orchestrator|manifest/i;

/**
 * Mints the opening payment: a lead of a signer that offers it; else 10 s and the lead in explicit units, cut to what one
 * call may bill; typed where the signer insists (funding.md rule 3).
 *
 * @throws RunnerRefused, FreshTermsNeeded, SignerError, SpendLimitError
 */
export async function mintOpening(
  terms: Terms,
  challenge: PaymentChallenge,
  context: OpenContext,
): Promise<OpeningPayment> {
  const { signer, clock, tally } = context;
  if (signer === undefined) throw new RunnerRefused('signer', 'signer-refused', 'no signer was given');
  const rate = unitsPerSecond(terms.price.unit);
  const openingNs = openingTargetNs(context.cadence(challenge.paymentIntervalMs));
  let cap: bigint | undefined;
  let failures = 0;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const plan = planOpening(terms, rate, { cap, openingNs }, context);
    const startedNs = clock.monotonicNs();
    const answer = await signer.client.pay({
      type: plan.type,
      terms,
      manifestId: challenge.manifestId,
      app: context.app,
      state: undefined,
      units: plan.type === '' ? plan.units : undefined,
      maxPrice: context.maxPrice,
      lead: plan.lead,
      timeoutMs: context.signerTimeoutMs,
      signal: context.signal,
    });
    if (answer.kind === 'payment') {
      const { minted, state } = answer;
      return { minted, state, units: plan.units, mode: plan.mode, startedNs, mintedNs: clock.monotonicNs() };
    }
    const smaller = cutUnits(answer, plan.units, failures);
    if (plan.mode === 'lead' && (smaller !== undefined || refusesLead(answer))) tally.noLead = true;
    if (answer.kind === 'failed') {
      if (failures >= RETRY_MS.length) throw signerErrorOf(answer);
      await clock.sleep(RETRY_MS[failures] ?? 1_000, context.signal);
      failures++;
    } else if (plan.mode === 'explicit' && smaller === undefined && insistsOnType(answer)) {
      tally.typedOnly = true;
      continue;
    } else if (smaller === undefined && !(plan.mode === 'lead' && tally.noLead)) {
      throw refusalOf(answer);
    }
    if (smaller !== undefined && plan.mode === 'explicit') cap = smaller;
  }
  throw new RunnerRefused('signer', 'signer-refused', 'the signer minted nothing in several tries');
}

interface OpeningPlan {
  readonly type: PaymentType;
  readonly mode: OpeningPayment['mode'];
  readonly units: bigint;
  readonly lead?: Pick<LeadAsk, 'leadMs' | 'atMostNs'>;
}

function planOpening(
  terms: Terms,
  rate: bigint | undefined,
  { cap, openingNs }: { readonly cap: bigint | undefined; readonly openingNs: bigint },
  context: OpenContext,
): OpeningPlan {
  const tariff: Tariff = { price: terms.price, rate: rate ?? 1n };
  const ev = ticketAmount(terms.evQuanta, tariff);
  const affordable = affordableTickets(terms, context);
  if (rate === undefined)
    return fits({ type: 'fixed', mode: 'fixed', units: 1n }, tariff, ev, affordable, context);
  const type = terms.price.unit === 'seconds' ? 'live' : 'lv2v';
  if (context.units === 'typed' || context.tally.typedOnly) {
    const units = TYPED_OPENING_SECONDS[type] * rate;
    return fits({ type, mode: 'typed', units }, tariff, ev, affordable, context);
  }
  const most = affordable < MAX_TICKETS ? affordable : MAX_TICKETS;
  let units = unitsIn(openingNs, tariff);
  const reachable = amountUnits(most * ev, tariff);
  if (reachable < units) units = reachable;
  // An opening bills ten seconds in advance: where one call cannot pay these, explicit units begin with less.
  if (context.units === 'lead' && !context.tally.noLead && reachable >= PRELOAD_SECONDS * rate) {
    const leadNs = amountNs(unitAmount(units, tariff), tariff);
    return { type, mode: 'lead', units, lead: { leadMs: leadNs / NS_PER_MS, atMostNs: undefined } };
  }
  if (cap !== undefined && cap < units) units = cap;
  if (units <= 0n) {
    throw new RunnerRefused(
      'signer',
      'unusable-terms',
      'one call cannot pay a single unit: its tickets are worth too little',
    );
  }
  return { type: '', mode: 'explicit', units };
}

function fits(
  plan: OpeningPlan,
  tariff: Tariff,
  ev: bigint,
  affordable: bigint,
  context: OpenContext,
): OpeningPlan {
  const tickets = expectedTickets(0n, unitAmount(plan.units, tariff), ev);
  if (tickets > affordable) {
    throw new SpendLimitError(
      ceilDiv(tickets * ev, MAX_WIN_PROB * tariff.price.per),
      context.maxSpendWei ?? 0n,
    );
  }
  return plan;
}

/** Tickets that `maxSpend` still pays. @throws SpendLimitError when it is not one */
function affordableTickets({ evQuanta }: Terms, { maxSpendWei, tally }: OpenContext): bigint {
  if (maxSpendWei === undefined) return MAX_TICKETS;
  const left = maxSpendWei * MAX_WIN_PROB - tally.lostQuanta;
  if (left < evQuanta)
    throw new SpendLimitError(ceilDiv(tally.lostQuanta + evQuanta, MAX_WIN_PROB), maxSpendWei);
  return left / evQuanta;
}

/** A signer that says it offers a lead and does not take the request. */
const refusesLead = (answer: SignerAnswer): boolean =>
  answer.kind === 'refused' && /^invalid-f(unding|ield)$/.test(answer.code ?? '');

const insistsOnType = (answer: SignerAnswer): boolean =>
  answer.kind === 'refused' && answer.status === 400 && !OTHER_CAUSE.test(answer.message);

/** Half the units, when the signer found the batch too large; a masked 500 may mean that too. */
function cutUnits(answer: SignerAnswer, units: bigint, failures: number): bigint | undefined {
  if (units <= 1n) return undefined;
  const tooMany =
    answer.kind === 'refused' && (answer.code === 'too-many-tickets' || /numTickets/i.test(answer.message));
  const masked = answer.kind === 'failed' && answer.status === 500 && failures >= 1;
  return tooMany || masked ? ceilDiv(units, 2n) : undefined;
}

/** The signer's refusal as what it means for opening: this runner, or every runner. */
function refusalOf(answer: Exclude<SignerAnswer, { kind: 'payment' }>): Error {
  switch (answer.kind) {
    case 'refresh':
      return new FreshTermsNeeded('the signer asked for fresh terms');
    case 'price':
      return new RunnerRefused('signer', 'price-refused', answer.message, { status: 481 });
    case 'nothing-due':
      return new RunnerRefused('signer', 'signer-refused', 'the signer found nothing due for a new session', {
        status: 482,
      });
    case 'refused':
      return new RunnerRefused('signer', 'signer-refused', answer.message, { status: answer.status });
    case 'budget':
    case 'forbidden':
    case 'failed':
      return signerErrorOf(answer);
  }
}

/** An answer that no other runner would change. */
export function signerErrorOf(
  answer: Extract<SignerAnswer, { kind: 'budget' | 'forbidden' | 'failed' }>,
): SignerError {
  switch (answer.kind) {
    case 'budget':
      return new SignerError('signer-budget', `the signer's budget is used up: ${answer.message}`, {
        status: 483,
      });
    case 'forbidden':
      return new SignerError(
        'signer-forbidden',
        `the signer refused the caller (${answer.status}): ${answer.message}; check its credentials`,
        { status: answer.status },
      );
    case 'failed':
      return new SignerError('signer-unreachable', `the signer gave no payment: ${answer.message}`, {
        ...(answer.status === undefined ? {} : { status: answer.status }),
        cause: answer.cause,
      });
  }
}
