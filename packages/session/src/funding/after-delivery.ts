import { adoptTerms } from './after-refresh.ts';
import type { DeliveryAnswer } from './answers.ts';
import { andThen, end, failing, heard, lose, to, unheard, voidTerms, working } from './change.ts';
import { hopedRunwayNs, MAX_ATTEMPT_NS, RESEND_GAP_NS, withRoundTrip } from './runway.ts';
import type { FundingState, PendingPayment, Transition } from './state.ts';

/** Payments refused in a row before funding ends: one new challenge is tried. */
const MAX_REFUSALS = 2;
/** Payments lost in a row to old params or used nonces before funding ends. */
const MAX_LOSSES = 3;
const SECOND_NS = 1_000_000_000n;

/** One row of the delivery table (funding.md rule 4). `nowNs` is when the answer came or the connection closed. */
export function afterDelivery(before: FundingState, answer: DeliveryAnswer, nowNs: bigint): Transition {
  const { pending } = before;
  if (pending === undefined) return to(before);
  const start = answer.kind === 'unknown' || answer.kind === 'not-sent' ? to(before) : heard(before);
  return andThen(start, (state) => row(state, pending, answer, nowNs));
}

function row(
  state: FundingState,
  pending: PendingPayment,
  answer: DeliveryAnswer,
  nowNs: bigint,
): Transition {
  switch (answer.kind) {
    case 'accepted':
      return andThen(delivered(state, pending, nowNs), (after) =>
        answer.terms === undefined ? to(after) : adoptTerms(after, answer.terms, 'payment'),
      );
    case 'unknown':
      return resendLater(
        state,
        { ...pending, timedOut: pending.timedOut || answer.timedOut === true },
        nowNs,
        answer,
      );
    case 'not-sent':
      return resendLater(state, { ...pending, attempts: pending.attempts - 1 }, nowNs, {
        ...answer,
        connection: true,
      });
    case 'seen':
      return alreadySeen(state, pending, answer, nowNs);
    case 'expired':
      return burned(state, 'TicketParams expired', nowNs);
    case 'refused':
      return refusedForGood(state, answer.message, 'challenge', nowNs);
    case 'token':
      return refusedForGood(state, `${answer.status} ${answer.message}`, 'refresh-payment', nowNs);
    case 'gone':
      // Not consumed: it is sent again once a probe has said that the session lives.
      return to({
        ...state,
        pending: { ...pending, attempts: pending.attempts - 1, notBeforeNs: nowNs + SECOND_NS },
        probe: { ...state.probe, suspect: true, blocking: true },
      });
    case 'fixed':
      return andThen(lose(state, 'a fixed-price session takes no further payments'), (after) =>
        to(
          end(after, {
            reason: 'payment-refused',
            message: 'the session has a fixed price: nothing more is paid',
          }),
        ),
      );
    case 'busy':
      return to({
        ...state,
        pending: { ...pending, attempts: pending.attempts - 1, notBeforeNs: nowNs + answer.retryAfterNs },
      });
  }
}

const alive = (state: FundingState, nowNs: bigint): FundingState => ({
  ...state,
  probe: {
    ...state.probe,
    aliveNs: nowNs,
    suspect: false,
    blocking: false,
    unclear: 0,
    notReadySinceNs: undefined,
  },
});

/** A payment that was sent again says nothing of how long one takes, except that an attempt was given up too soon. */
function roundTripsAfter(state: FundingState, pending: PendingPayment, ns: bigint): readonly bigint[] {
  if (pending.attempts <= 1) return withRoundTrip(state, ns);
  return pending.timedOut ? withRoundTrip(state, MAX_ATTEMPT_NS) : state.roundTrips;
}

function delivered(state: FundingState, pending: PendingPayment, nowNs: bigint): Transition {
  const { totals } = state;
  const roundTripNs = nowNs - pending.mintStartedNs;
  const paid = to(
    {
      ...alive(state, nowNs),
      pending: undefined,
      refusedPayments: 0,
      roundTrips: roundTripsAfter(state, pending, roundTripNs),
      totals: {
        ...totals,
        acknowledged: totals.acknowledged + pending.amount,
        payments: totals.payments + 1,
        tickets: totals.tickets + pending.tickets,
      },
    },
    { kind: 'paid', amount: pending.amount, tickets: pending.tickets, roundTripNs },
  );
  return andThen(paid, working);
}

function resendLater(
  state: FundingState,
  pending: PendingPayment,
  nowNs: bigint,
  failure: { readonly message: string; readonly connection: boolean; readonly cause?: unknown },
): Transition {
  const kept = { ...state, pending: { ...pending, notBeforeNs: nowNs + RESEND_GAP_NS } };
  const told = andThen(failing(kept, 'orchestrator', failure.message, failure.cause), (after) =>
    failure.connection ? unheard(after, failure.cause ?? failure.message) : to(after),
  );
  if (hopedRunwayNs(state, nowNs) > 0n) return told;
  return andThen(told, (after) =>
    to(
      end(after, {
        reason: 'unreachable',
        peer: 'orchestrator',
        message: `payments did not arrive before the credit ran out: ${failure.message}`,
        cause: failure.cause,
      }),
    ),
  );
}

/**
 * 400 `already seen`. Nobody else uses nonces under these params, so an earlier attempt, or a copy of this one, was
 * processed: whole when the last nonce was seen, else up to the one named; the rest of the batch is burned.
 */
function alreadySeen(
  state: FundingState,
  pending: PendingPayment,
  { nonce, message }: { readonly nonce: number | undefined; readonly message: string },
  nowNs: bigint,
): Transition {
  if (nonce === pending.lastNonce) return delivered(state, pending, nowNs);
  const first = pending.lastNonce - pending.tickets + 1;
  const arrived = nonce !== undefined && nonce >= first && nonce < pending.lastNonce ? nonce - first + 1 : 0;
  if (arrived === 0) return burned(state, message, nowNs);
  const { totals } = state;
  const amount = pending.evAmount * BigInt(arrived);
  const rest = { ...pending, tickets: pending.tickets - arrived, amount: pending.amount - amount };
  return burned(
    {
      ...state,
      pending: rest,
      totals: { ...totals, acknowledged: totals.acknowledged + amount, tickets: totals.tickets + arrived },
    },
    message,
    nowNs,
  );
}

/** The rest is lost; the value is minted anew, under terms whose nonces nobody has used. */
const burned = (state: FundingState, why: string, nowNs: bigint): Transition =>
  andThen(lose(alive(state, nowNs), why), (after) => {
    const counted = { ...after, refusedPayments: after.refusedPayments + 1 };
    return counted.refusedPayments < MAX_LOSSES
      ? to({ ...voidTerms(counted), nextPollNs: 0n })
      : to(end(counted, { reason: 'payment-refused', message: `payments are lost again and again: ${why}` }));
  });

/** Nothing was processed, or nothing can be: the tickets are lost; new terms, once, then the end with the reason. */
function refusedForGood(
  state: FundingState,
  message: string,
  source: 'refresh-payment' | 'challenge',
  nowNs: bigint,
): Transition {
  const refusals = state.refusedPayments + 1;
  return andThen(lose(alive(state, nowNs), message), (after) => {
    const counted = { ...after, refusedPayments: refusals };
    if (refusals >= MAX_REFUSALS) {
      return to(
        end(counted, {
          reason: 'payment-refused',
          message: `the orchestrator refused the payment: ${message}`,
        }),
      );
    }
    return andThen(failing(counted, 'orchestrator', message), (told) =>
      to({ ...voidTerms(told, source), nextPollNs: 0n }),
    );
  });
}
