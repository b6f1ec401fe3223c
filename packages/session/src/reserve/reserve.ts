import type { RunnerOffer } from '@lp/discovery';
import { MAX_WIN_PROB } from '@lp/pm';
import { ceilDiv, type Ratio, ratio } from '@lp/pricing';
import type { PaymentChallenge } from '@lp/protocol';
import { stopSession } from '../drive/stop.ts';
import { type MoneyState, NoRunnerError, PriceError, ReservationError } from '../errors.ts';
import type { Terms } from '../funding/terms.ts';
import { openingCheckpoint } from '../resume/opening-checkpoint.ts';
import { askChallenge } from './challenge.ts';
import type { OpenContext } from './context.ts';
import { FreshTermsNeeded, mintOpening, type OpeningPayment } from './opening-payment.ts';
import { type Presented, present } from './present.ts';
import { RunnerRefused } from './refused.ts';
import { deriveUrls, paymentUrlOf, probeUrlOf, type SessionUrls } from './urls.ts';

/** A session that exists. */
export interface Reserved {
  readonly runner: RunnerOffer;
  readonly urls: SessionUrls;
  /** When the request that reserved was sent, and when its answer came. */
  readonly sentNs: bigint;
  readonly repliedNs: bigint;
  /** Absent for a free session. */
  readonly paid?: {
    readonly opening: OpeningPayment;
    readonly terms: Terms;
    readonly challenge: PaymentChallenge;
    readonly paymentUrl: string;
    readonly probeUrl: string;
  };
  /** Sent to runners that gave no session, exact wei. */
  readonly lostWei: Ratio;
}

/** New challenges for one runner (client.md section 4). */
const MAX_ROUNDS = 4;

/**
 * Tries the candidates in order until one has reserved. Once money was lost on the way, another one is tried only
 * within `maxLossOnFailover` (architecture.md section 6).
 *
 * @throws NoRunnerError, PriceError, ReservationError, SignerError, SpendLimitError, or the signal's reason
 */
export async function reserveAny(
  candidates: readonly RunnerOffer[],
  context: OpenContext,
): Promise<Reserved> {
  const { tally, clock, app } = context;
  let money: MoneyState = 'none';
  for (const runner of candidates) {
    context.signal.throwIfAborted();
    const startedNs = clock.monotonicNs();
    try {
      const reserved = await reserveOne(runner, candidates, context);
      context.health?.succeeded(reserved.runner);
      return reserved;
    } catch (error) {
      if (!(error instanceof RunnerRefused)) throw error;
      const elapsedMs = Number((clock.monotonicNs() - startedNs) / 1_000_000n);
      tally.refusals.push(error.of(runner, elapsedMs));
      if (error.details.code !== 'price-refused') context.health?.failed(runner);
      if (error.details.money !== 'none') money = error.details.money;
      if (lossExceeded(context)) throw new ReservationError(money, lostWei(tally.lostQuanta), tally.refusals);
    }
  }
  if (tally.lostQuanta > 0n) throw new ReservationError(money, lostWei(tally.lostQuanta), tally.refusals);
  const priced = tally.refusals.filter(({ code }) => code !== 'other-app' && code !== 'other-mode');
  if (
    priced.length > 0 &&
    priced.every(({ code }) => code === 'price-refused' || code === 'price-above-ceiling')
  ) {
    throw new PriceError(`every runner for ${app} costs too much`, priced);
  }
  throw new NoRunnerError(app, tally.refusals, tally.failures);
}

const lostWei = (quanta: bigint): bigint => ceilDiv(quanta, MAX_WIN_PROB);

const lossExceeded = ({ tally, maxLossQuanta }: OpenContext): boolean =>
  tally.lostQuanta > (maxLossQuanta ?? tally.firstOpening ?? 0n);

async function reserveOne(
  runner: RunnerOffer,
  candidates: readonly RunnerOffer[],
  context: OpenContext,
): Promise<Reserved> {
  const { clock, tally } = context;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const asked = await askChallenge(runner, context);
    const base = { lostWei: ratio(tally.lostQuanta, MAX_WIN_PROB) };
    if (asked.kind === 'free') {
      return { ...base, runner, urls: asked.urls, sentNs: asked.sentNs, repliedNs: clock.monotonicNs() };
    }
    const { challenge, terms } = asked;
    const opening = await openingOrAgain(terms, challenge, context);
    if (opening === undefined) continue;
    tally.firstOpening ??= opening.minted.quanta;
    await keep(runner, challenge, terms, opening, context);
    const presented = await presentOrStop(runner, candidates, challenge, opening, context);
    if (presented.kind === 'reserved') {
      const sibling = presented.runner !== runner;
      return {
        ...base,
        runner: presented.runner,
        urls: presented.urls,
        sentNs: presented.sentNs,
        repliedNs: clock.monotonicNs(),
        paid: {
          opening,
          terms,
          challenge,
          paymentUrl: paymentUrlOf(challenge, presented.urls, sibling),
          probeUrl: probeUrlOf(challenge, presented.urls, sibling),
        },
      };
    }
    const gone = presented.kind === 'challenged-again' || presented.money !== 'none';
    if (gone) tally.lostQuanta += opening.minted.quanta;
    if (presented.kind === 'refused') {
      throw new RunnerRefused('reserve', presented.code, presented.message, {
        money: presented.money,
        ...(presented.status === undefined ? {} : { status: presented.status }),
      });
    }
    if (lossExceeded(context)) break;
  }
  throw new RunnerRefused('reserve', 'payment-refused', 'asked for new payments again and again', {
    status: 402,
    money: tally.lostQuanta > 0n ? 'sent' : 'none',
  });
}

/** What may have been reserved and will not be used is stopped; nobody waits for that. */
async function presentOrStop(
  runner: RunnerOffer,
  candidates: readonly RunnerOffer[],
  challenge: PaymentChallenge,
  opening: OpeningPayment,
  context: OpenContext,
): Promise<Presented> {
  const stop = (): void => {
    stopSession(deriveUrls(challenge, runner.url).controlUrl, context).catch(() => {});
  };
  try {
    const presented = await present(runner, candidates, { challenge, minted: opening.minted }, context);
    if (presented.kind === 'refused' && presented.money === 'unknown') stop();
    return presented;
  } catch (error) {
    stop();
    throw error;
  }
}

async function openingOrAgain(
  terms: Terms,
  challenge: PaymentChallenge,
  context: OpenContext,
): Promise<OpeningPayment | undefined> {
  try {
    return await mintOpening(terms, challenge, context);
  } catch (error) {
    if (error instanceof FreshTermsNeeded) return undefined;
    throw error;
  }
}

/** Payment, state and params are made durable before anything is sent (funding.md rule 1). */
async function keep(
  runner: RunnerOffer,
  challenge: PaymentChallenge,
  terms: Terms,
  opening: OpeningPayment,
  context: OpenContext,
): Promise<void> {
  const { app, store, clock } = context;
  await store?.({
    manifestId: challenge.manifestId,
    app,
    runner: runner.url,
    orchestrator: runner.orchestrator,
    price: terms.price,
    paymentUrl: runner.url,
    controlUrl: undefined,
    payment: opening.minted.payment,
    segment: opening.minted.segment,
    signerState: opening.state,
    recipientRandHash: terms.recipientRandHash,
    checkpoint: openingCheckpoint(runner, challenge, terms, opening, context),
    atMs: clock.wallMs(),
  });
}
