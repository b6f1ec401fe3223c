import { ceilDiv } from '@lp/pricing';
import { ticketAmount, unitAmount } from './amount.ts';
import { planLead, planLeadAnew } from './lead.ts';
import { dueUnits, rescueBelowNs, runwayNs, targetNs } from './runway.ts';
import type { FundingEnd, FundingState, MintRequest, PendingPayment } from './state.ts';
import { expectedTickets, planUnits } from './tickets.ts';

/** What to do next. One at a time: nothing else is under way while an action runs. */
export type FundingAction =
  | { readonly kind: 'deliver'; readonly pending: PendingPayment }
  | { readonly kind: 'mint'; readonly request: MintRequest }
  | { readonly kind: 'refresh'; readonly source: 'refresh-payment' | 'challenge' }
  | { readonly kind: 'probe' }
  /** The poll is due and nothing has to be paid: tell the runway, and count the poll as done. */
  | { readonly kind: 'poll'; readonly why: 'covered' | 'above-target' | 'limit' | 'state-refused' }
  | { readonly kind: 'wait'; readonly untilNs: bigint }
  | { readonly kind: 'end'; readonly end: FundingEnd };

const NS_PER_SECOND = 1_000_000_000n;

const latest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const earliest = (...times: bigint[]): bigint => times.reduce((a, b) => (a < b ? a : b));

/**
 * The next action (funding.md section 2). Pure: the same state and time give the same action.
 *
 * Order: an end; a payment under way; the probe that a suspicion or a rescue asks for; a call of the signer that was
 * not answered; what the poll finds; the regular probe; waiting.
 */
export function decide(state: FundingState, nowNs: bigint): FundingAction {
  if (state.ended !== undefined) return { kind: 'end', end: state.ended };
  const probeDue = probeDueNs(state);
  const suspicious = state.probe.suspect && nowNs >= state.probe.notBeforeNs;
  if (suspicious) return { kind: 'probe' };

  const heldUntil = state.probe.blocking ? state.probe.notBeforeNs : 0n;
  if (state.pending !== undefined) {
    if (!state.probe.blocking && nowNs >= state.pending.notBeforeNs) {
      return { kind: 'deliver', pending: state.pending };
    }
    if (nowNs >= probeDue) return { kind: 'probe' };
    return { kind: 'wait', untilNs: earliest(latest(state.pending.notBeforeNs, heldUntil), probeDue) };
  }
  const mint = heldUntil > nowNs ? { at: heldUntil } : nextMint(state, nowNs);
  if ('action' in mint) return mint.action;
  if (nowNs >= probeDue) return { kind: 'probe' };
  return { kind: 'wait', untilNs: earliest(mint.at, probeDue) };
}

/** The probe asks once per debit interval, unless a payment has just shown that the session lives. */
function probeDueNs({ config, probe }: FundingState): bigint {
  if (probe.suspect) return probe.notBeforeNs;
  return latest(probe.aliveNs + config.debitNs, probe.notBeforeNs);
}

function nextMint(state: FundingState, nowNs: bigint): { action: FundingAction } | { at: bigint } {
  const { signer, terms, minting } = state;
  if (minting !== undefined) {
    if (nowNs < signer.notBeforeNs) return { at: signer.notBeforeNs };
    return { action: { kind: 'mint', request: minting } };
  }
  if (state.rescue.wantedNs !== undefined) return nextRescue(state, state.rescue.wantedNs, nowNs);
  if (nowNs < state.nextPollNs && !state.capped) return { at: state.nextPollNs };
  const runway = runwayNs(state, nowNs);
  if (runway >= targetNs(state)) return { action: { kind: 'poll', why: 'above-target' } };
  if (signer.strayed) return nextRescue(state, 0n, nowNs);
  if (signer.stateRefused) {
    return runway < rescueBelowNs(state) && nowNs >= state.rescue.notBeforeNs
      ? nextRescue(state, 0n, nowNs)
      : { action: { kind: 'poll', why: 'state-refused' } };
  }
  const request = planMint(state, nowNs);
  if (request === 'covered') return { action: { kind: 'poll', why: 'covered' } };
  if (request === 'limit') return limitReached(state, nowNs);
  if (terms.use === 'void' || terms.use === 'rescue-only') return refreshFirst(state, nowNs);
  return { action: { kind: 'mint', request } };
}

function refreshFirst({ terms }: FundingState, nowNs: bigint): { action: FundingAction } | { at: bigint } {
  if (nowNs < terms.notBeforeNs) return { at: terms.notBeforeNs };
  return { action: { kind: 'refresh', source: terms.source } };
}

/** Units are the client's to state, or the signer's to count. */
function planMint(state: FundingState, nowNs: bigint): MintRequest | 'covered' | 'limit' {
  const { config, signer, terms } = state;
  const base = { state: signer.state, terms: terms.current, rescue: false };
  if (config.mode === 'explicit') {
    const plan = planUnits(state, terms.current, dueUnits(state, nowNs), signer.balance);
    return plan.kind === 'bill' ? { ...base, units: plan.units, lead: undefined } : plan.kind;
  }
  if (config.mode === 'lead') {
    const lead = planLead(state, terms.current.evQuanta, nowNs);
    return typeof lead === 'string' ? lead : { ...base, units: undefined, lead };
  }
  if (config.maxSpend !== undefined) {
    const ev = ticketAmount(terms.current.evQuanta, config.tariff);
    const units = ceilDiv((nowNs - signer.acceptedNs) * config.tariff.rate, NS_PER_SECOND);
    const tickets = expectedTickets(signer.balance, unitAmount(units, config.tariff), ev);
    if (state.totals.minted + (tickets > 0n ? tickets : 1n) * ev > config.maxSpend) return 'limit';
  }
  return { ...base, units: undefined, lead: undefined };
}

/** What is paid is used up; the session ends when the next debit might not be covered. */
function limitReached(state: FundingState, nowNs: bigint): { action: FundingAction } | { at: bigint } {
  if (runwayNs(state, nowNs) > state.config.debitNs) {
    if (nowNs < state.nextPollNs && !state.capped) return { at: state.nextPollNs };
    return { action: { kind: 'poll', why: 'limit' } };
  }
  const message = 'the spend limit leaves no room for another ticket';
  return { action: { kind: 'end', end: { reason: 'limit', message } } };
}

/** Rule 7: a null state on unused params, once a probe has said that the session lives. */
function nextRescue(
  state: FundingState,
  wantedNs: bigint,
  nowNs: bigint,
): { action: FundingAction } | { at: bigint } {
  if (state.probe.aliveNs < latest(wantedNs, nowNs - state.config.debitNs)) {
    if (nowNs < state.probe.notBeforeNs) return { at: state.probe.notBeforeNs };
    return { action: { kind: 'probe' } };
  }
  const { terms, config } = state;
  if (terms.use !== 'fresh' && terms.use !== 'rescue-only') return refreshFirst(state, nowNs);
  const base = { state: undefined, terms: terms.current, rescue: true };
  if (config.mode === 'lead') {
    const lead = planLeadAnew(state, terms.current.evQuanta, nowNs);
    if (lead === 'limit') return limitReached(state, nowNs);
    return { action: { kind: 'mint', request: { ...base, units: undefined, lead } } };
  }
  if (config.mode === 'typed') {
    const ev = ticketAmount(terms.current.evQuanta, config.tariff);
    return config.maxSpend !== undefined && state.totals.minted + ev > config.maxSpend
      ? limitReached(state, nowNs)
      : { action: { kind: 'mint', request: { ...base, units: undefined, lead: undefined } } };
  }
  const missingNs = targetNs(state) - runwayNs(state, nowNs);
  const missing = ceilDiv((missingNs > 0n ? missingNs : 0n) * config.tariff.rate, NS_PER_SECOND);
  const plan = planUnits(state, terms.current, missing > 0n ? missing : 1n, 0n);
  if (plan.kind !== 'bill') return limitReached(state, nowNs);
  return { action: { kind: 'mint', request: { ...base, units: plan.units, lead: undefined } } };
}
