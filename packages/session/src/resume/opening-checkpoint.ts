import type { RunnerOffer } from '@lp/discovery';
import type { PaymentChallenge } from '@lp/protocol';
import { ticketAmount, unitsPerSecond } from '../funding/amount.ts';
import { initialState } from '../funding/initial.ts';
import type { Terms } from '../funding/terms.ts';
import type { OpenContext } from '../reserve/context.ts';
import type { OpeningPayment } from '../reserve/opening-payment.ts';
import { deriveUrls, paymentUrlOf, probeUrlOf } from '../reserve/urls.ts';
import { checkpointOf, type SessionCheckpoint } from './checkpoint.ts';

/** The checkpoint before the opening payment is sent; undefined for a session that is paid once. */
export function openingCheckpoint(
  runner: RunnerOffer,
  challenge: PaymentChallenge,
  terms: Terms,
  opening: OpeningPayment,
  context: OpenContext,
): SessionCheckpoint | undefined {
  const rate = unitsPerSecond(terms.price.unit);
  if (rate === undefined || opening.mode === 'fixed') return undefined;
  const { clock, maxSpendWei, tally } = context;
  const nowNs = clock.monotonicNs();
  const tariff = { price: terms.price, rate };
  const { minted } = opening;
  const amount = ticketAmount(minted.quanta, tariff);
  const state = initialState({
    tariff,
    mode: opening.mode,
    opening,
    terms,
    sentNs: nowNs,
    repliedNs: nowNs,
    ...context.cadence(challenge.paymentIntervalMs),
    maxSpendWei,
    lostQuanta: tally.lostQuanta,
  });
  const urls = deriveUrls(challenge, runner.url);
  return checkpointOf(
    {
      ...state,
      totals: { ...state.totals, acknowledged: 0n, payments: 0, tickets: 0 },
      pending: {
        payment: minted.payment,
        segment: minted.segment,
        amount,
        evAmount: ticketAmount(minted.evQuanta, tariff),
        tickets: minted.tickets,
        lastNonce: minted.lastNonce,
        recipientRandHash: minted.recipientRandHash,
        attempts: 1,
        timedOut: false,
        notBeforeNs: nowNs,
        mintStartedNs: opening.startedNs,
      },
    },
    {
      manifestId: challenge.manifestId,
      app: context.app,
      runner: runner.url,
      orchestrator: runner.orchestrator,
      appUrl: urls.appUrl,
      controlUrl: urls.controlUrl,
      paymentUrl: paymentUrlOf(challenge, urls, false),
      probeUrl: probeUrlOf(challenge, urls, false),
    },
    clock,
  );
}
