import type { FundingEnd, FundingNote, FundingState, Transition } from './state.ts';

/** A transition; `next` builds on `state`. */
export const to = (state: FundingState, ...notes: readonly FundingNote[]): Transition => ({ state, notes });

/** `second` after `first`. */
export const andThen = (first: Transition, second: (state: FundingState) => Transition): Transition => {
  const next = second(first.state);
  return { state: next.state, notes: [...first.notes, ...next.notes] };
};

/** The session's funding ends here; the first end stands. */
export const end = (state: FundingState, how: FundingEnd): FundingState =>
  state.ended === undefined ? { ...state, ended: how } : state;

/** The orchestrator answered something: a lost connection is back. */
export const heard = (state: FundingState): Transition =>
  state.orchestratorDown
    ? to({ ...state, orchestratorDown: false }, { kind: 'connection-restored' })
    : to(state);

/** The orchestrator could not be reached; told once until it answers again. */
export const unheard = (state: FundingState, cause: unknown): Transition =>
  state.orchestratorDown
    ? to(state)
    : to({ ...state, orchestratorDown: true }, { kind: 'connection-lost', cause });

/** Paying does not work at the moment; told once until it does. */
export const failing = (
  state: FundingState,
  peer: 'orchestrator' | 'signer',
  message: string,
  cause?: unknown,
): Transition =>
  state.paymentsFailing
    ? to(state)
    : to({ ...state, paymentsFailing: true }, { kind: 'failed', peer, message, cause });

/** A payment arrived. */
export const working = (state: FundingState): Transition =>
  state.paymentsFailing ? to({ ...state, paymentsFailing: false }, { kind: 'recovered' }) : to(state);

/** The payment under way is given up: its tickets bring nothing, their value has to be minted anew. */
export const lose = (state: FundingState, why: string): Transition => {
  const { pending, totals } = state;
  if (pending === undefined) return to(state);
  return to(
    {
      ...state,
      pending: undefined,
      totals: {
        ...totals,
        lost: totals.lost + pending.amount,
        lostTickets: totals.lostTickets + pending.tickets,
      },
    },
    { kind: 'lost', amount: pending.amount, tickets: pending.tickets, why },
  );
};

/** Terms that must not be used again. Asking starts with `/refresh-payment` (funding.md rule 2). */
export const voidTerms = (
  state: FundingState,
  source: 'refresh-payment' | 'challenge' = 'refresh-payment',
): FundingState => ({ ...state, terms: { ...state.terms, use: 'void', source } });
