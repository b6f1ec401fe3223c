import { comparePrice, formatPrice, type Price } from '@lp/pricing';
import type { RefreshAnswer } from './answers.ts';
import { andThen, end, failing, heard, to } from './change.ts';
import { hopedRunwayNs } from './runway.ts';
import type { FundingState, Transition } from './state.ts';
import { samePrice, type Terms } from './terms.ts';

const RETRY_NS = 1_000_000_000n;

/**
 * Fresh terms from a payment's answer, `/refresh-payment` or a new challenge (funding.md rule 2): taken at the
 * session's price only. Terms of another price serve one rescue, and only those of a challenge.
 */
export function adoptTerms(
  state: FundingState,
  terms: Terms,
  from: 'payment' | 'refresh-payment' | 'challenge',
  ceiling?: Price,
): Transition {
  const { price } = state.config.tariff;
  // Never back to params under which tickets exist.
  if (terms.recipientRandHash === state.terms.current.recipientRandHash) return to(state);
  if (samePrice(terms.price, price)) {
    return to({
      ...state,
      terms: { ...state.terms, current: terms, use: 'fresh', source: 'refresh-payment' },
    });
  }
  const message = `terms at ${formatPrice(terms.price)} instead of ${formatPrice(price)} were not taken`;
  const withinCeiling = comparePrice(terms.price, ceiling ?? price) <= 0;
  if (from === 'challenge' && state.rescue.wantedNs !== undefined && withinCeiling) {
    return to(
      { ...state, terms: { ...state.terms, current: terms, use: 'rescue-only', source: 'refresh-payment' } },
      { kind: 'terms', message: `terms at ${formatPrice(terms.price)} serve one rescue` },
    );
  }
  return to(state, { kind: 'terms', message });
}

/** After asking one source for fresh terms; the next source, or a pause, follows when it had none. */
export function afterRefresh(
  before: FundingState,
  answer: RefreshAnswer,
  context: { readonly nowNs: bigint; readonly ceiling?: Price },
): Transition {
  const { source } = before.terms;
  if (answer.kind === 'terms') {
    return andThen(heard(before), (state) =>
      andThen(adoptTerms(state, answer.terms, source, context.ceiling), (after) =>
        after.terms.use === 'fresh' || after.terms.use === 'rescue-only'
          ? to(after)
          : next(after, 'the terms offered cannot be used', context.nowNs),
      ),
    );
  }
  if (answer.kind === 'none') {
    return andThen(heard(before), (state) => next(state, answer.message, context.nowNs));
  }
  return next(before, answer.message, context.nowNs, answer.cause);
}

function next(state: FundingState, message: string, nowNs: bigint, cause?: unknown): Transition {
  const { terms } = state;
  if (terms.source === 'refresh-payment') {
    return to({ ...state, terms: { ...terms, source: 'challenge' } });
  }
  const paused: FundingState = {
    ...state,
    terms: { ...terms, source: 'refresh-payment', notBeforeNs: nowNs + RETRY_NS },
  };
  if (hopedRunwayNs(state, nowNs) <= 0n) {
    return to(
      end(paused, {
        reason: 'unreachable',
        peer: 'orchestrator',
        message: `no fresh terms before the credit ran out: ${message}`,
        cause,
      }),
    );
  }
  return failing(paused, 'orchestrator', `no fresh terms: ${message}`, cause);
}
