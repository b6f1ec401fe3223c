import { ceilDiv } from '@lp/pricing';
import type { SignerCredit } from '../signer/answer.ts';
import {
  type Amount,
  amountNs,
  amountUnits,
  type Tariff,
  ticketAmount,
  unitAmount,
  unitsIn,
} from './amount.ts';
import { elapsedNs, runwayNs, targetNs } from './runway.ts';
import type { FundingState } from './state.ts';
import { MAX_TICKETS } from './tickets.ts';

const NS_PER_MS = 1_000_000n;
/** What every opening bills in advance: a signer's credit is never below this after a payment (funding.md rule 3). */
export const PRELOAD_NS = 10_000_000_000n;

/** What a signer is asked for with a lead (funding.md rule 3). */
export interface LeadAsk {
  /** Credit that the signer shall see at the orchestrator after this call. */
  readonly leadMs: bigint;
  /** Time that `leadMs` takes to be billed: more would be paid with tickets on top. `undefined` for an opening. */
  readonly atMostNs: bigint | undefined;
  /** This side's time of the call. */
  readonly askedNs: bigint;
}

/** A signer's account as this side follows it. Times are this side's. */
export interface LeadAccount {
  /** Credit at the orchestrator as the signer counts it, at `creditAtNs`. It falls as time passes. */
  readonly creditNs: bigint;
  readonly creditAtNs: bigint;
  /**
   * Since when time is unbilled in the signer's newest state, as far as its clock has shown. The state holds
   * `creditNs + (creditAtNs - billedToNs)`.
   */
  readonly billedToNs: bigint;
  /** Its last answer told the credit: it keeps a lead. */
  readonly offered: boolean;
}

/** The account that an opening payment leaves, metering counted from `startNs`. */
export const openedLead = (paid: Amount, tariff: Tariff, startNs: bigint): LeadAccount => ({
  creditNs: amountNs(paid, tariff),
  creditAtNs: startNs,
  billedToNs: startNs,
  offered: true,
});

const creditNow = ({ creditNs, creditAtNs }: LeadAccount, nowNs: bigint): bigint =>
  creditNs - (nowNs > creditAtNs ? nowNs - creditAtNs : 0n);

/** Beyond this an account is given up (funding.md rule 3): no signer keeps a lead of more than an hour, and the target needs its share. */
const MAX_ASTRAY_NS = 1_800_000_000_000n;

/**
 * Whether the signer counts so much more than this side that its state is given up: value of tickets that were lost, or
 * time that it will never bill. A new state counts anew, and costs nothing that the old one would not.
 */
export const hasStrayed = (state: FundingState, lead: LeadAccount, nowNs: bigint): boolean => {
  const { totals, config } = state;
  const arrivingNs = amountNs(totals.minted - totals.lost, config.tariff) - elapsedNs(state, nowNs);
  return creditNow(lead, nowNs) - arrivingNs > MAX_ASTRAY_NS;
};

const longer = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Tickets that lift `creditNs` to the lead, **rounded up**. */
const ticketsFor = (missingNs: bigint, tariff: Tariff, ev: Amount): bigint => {
  if (missingNs <= 0n) return 0n;
  const perSecond = unitAmount(tariff.rate, tariff);
  return ceilDiv(missingNs * perSecond, 1_000_000_000n * ev);
};

/**
 * The lead to ask for so that the runway reaches its target. The signer counts what it minted by its own clock; this side
 * counts what arrived by its own. The difference - a late start of metering, lost tickets, a clock that stepped - goes
 * into the lead, so that both see the same need.
 *
 * @returns 'limit' when `maxSpend` does not allow what the signer would mint
 */
export function planLead(
  state: FundingState,
  evQuanta: bigint,
  nowNs: bigint,
): LeadAsk | 'limit' | 'covered' {
  const { lead } = state.signer;
  const missingNs = targetNs(state) - runwayNs(state, nowNs);
  if (missingNs <= 0n || lead === undefined) return 'covered';
  const creditNs = creditNow(lead, nowNs);
  const leadMs = withinLimit(state, { creditNs, wantedNs: creditNs + missingNs, evQuanta });
  if (leadMs === undefined) return 'limit';
  return { leadMs, atMostNs: longer(nowNs - lead.billedToNs, 0n), askedNs: nowNs };
}

/** The same for a new state, which holds no credit yet (funding.md rule 7). */
export function planLeadAnew(state: FundingState, evQuanta: bigint, nowNs: bigint): LeadAsk | 'limit' {
  const wantedNs = targetNs(state) - runwayNs(state, nowNs);
  const leadMs = withinLimit(state, { creditNs: 0n, wantedNs, evQuanta });
  return leadMs === undefined ? 'limit' : { leadMs, atMostNs: undefined, askedNs: nowNs };
}

/**
 * The lead in milliseconds, **rounded up**; cut to what `maxSpend` allows, **rounded down**. `undefined` when not even the
 * preload can be kept.
 */
function withinLimit(
  state: FundingState,
  { creditNs, wantedNs, evQuanta }: { creditNs: bigint; wantedNs: bigint; evQuanta: bigint },
): bigint | undefined {
  const { tariff, maxSpend } = state.config;
  const wantedMs = ceilDiv(longer(wantedNs, 0n), NS_PER_MS);
  if (maxSpend === undefined) return wantedMs;
  const ev = ticketAmount(evQuanta, tariff);
  const left = maxSpend - state.totals.minted;
  const affordable = left <= 0n ? 0n : left / ev;
  const wanted = ticketsFor(longer(wantedMs * NS_PER_MS, PRELOAD_NS) - creditNs, tariff, ev);
  if ((wanted < MAX_TICKETS ? wanted : MAX_TICKETS) <= affordable) return wantedMs;
  const reachableNs = creditNs + amountNs(affordable * ev, tariff);
  return affordable > 0n && reachableNs >= PRELOAD_NS ? reachableNs / NS_PER_MS : undefined;
}

/** The account after a payment: as the signer tells it, or as far as this side can tell. */
export function paidLead(
  before: LeadAccount | undefined,
  ask: LeadAsk,
  minted: bigint,
  credit: SignerCredit | undefined,
): LeadAccount {
  const known = before === undefined ? 0n : creditNow(before, ask.askedNs);
  return {
    creditNs: credit?.creditNs ?? known + minted,
    creditAtNs: ask.askedNs,
    billedToNs: ask.askedNs,
    offered: credit !== undefined,
  };
}

/**
 * The account after "nothing due": the signer's figure corrects this side's. The figure is worth what the signer's clock
 * is: one that is behind sees less time than has passed, and when it comes right before the next call, bills all of it.
 * The next lead rests on the time that was seen here, so no more than that and what has passed since may be billed.
 */
export function skippedLead(
  before: LeadAccount | undefined,
  ask: LeadAsk,
  credit: SignerCredit | undefined,
): LeadAccount | undefined {
  if (before === undefined) return undefined;
  if (credit === undefined) return { ...before, offered: false };
  const seenNs = before.creditNs + (before.creditAtNs - before.billedToNs) - credit.creditNs;
  return {
    creditNs: credit.creditNs,
    creditAtNs: ask.askedNs,
    billedToNs: longer(ask.askedNs - longer(seenNs, 0n), before.billedToNs),
    offered: true,
  };
}

/** Units that count as billed: the target ahead, as far as the tickets reach. Never fewer than before. */
export function leadUnits(state: FundingState, nowNs: bigint): bigint {
  const { tariff } = state.config;
  const due = unitsIn(
    targetNs(state) + elapsedNs(state, nowNs) + amountNs(state.totals.lost, tariff),
    tariff,
  );
  const paid = amountUnits(state.totals.minted, tariff);
  return longer(state.signer.billedUnits, due < paid ? due : paid);
}
