import { ceilDiv } from '@lp/pricing';
import { type Amount, amountUnits, ticketAmount, unitAmount } from './amount.ts';
import type { FundingState } from './state.ts';
import type { Terms } from './terms.ts';

/** Most tickets a signer puts into one payment (remote-signer.md section 2, step 17). */
export const MAX_TICKETS = 100n;

/**
 * Tickets a signer without lead mints for `units`: as many as lift its balance to `max(fee, EV)`, **rounded up**; none
 * when the balance covers that (remote-signer.md section 2, step 17).
 */
export const expectedTickets = (balance: Amount, fee: Amount, ev: Amount): bigint => {
  const need = fee > ev ? fee : ev;
  return balance >= need ? 0n : ceilDiv(need - balance, ev);
};

/** Units for the next call, at most `due`, or why there is none. */
export type UnitPlan =
  | { readonly kind: 'bill'; readonly units: bigint; readonly tickets: bigint; readonly capped: boolean }
  /** The signer would mint nothing yet. */
  | { readonly kind: 'covered' }
  /** `maxSpend` leaves no room for one more ticket. */
  | { readonly kind: 'limit' };

/** Cuts `due` units to what one call may bill: 100 tickets, the signer's own cap, and the spend limit. */
export function planUnits(state: FundingState, terms: Terms, due: bigint, balance: Amount): UnitPlan {
  const { tariff, maxSpend } = state.config;
  if (due <= 0n) return { kind: 'covered' };
  const ev = ticketAmount(terms.evQuanta, tariff);
  let most = MAX_TICKETS;
  if (maxSpend !== undefined) {
    const left = maxSpend - state.totals.minted;
    const affordable = left <= 0n ? 0n : left / ev;
    if (affordable < most) most = affordable;
  }
  const cap = state.signer.unitCap;
  const reachable = amountUnits(balance + most * ev, tariff);
  let units = due;
  if (cap !== undefined && cap < units) units = cap;
  if (reachable < units) units = reachable;
  const wanted = expectedTickets(balance, unitAmount(due, tariff), ev);
  if (wanted === 0n) return { kind: 'covered' };
  if (most === 0n || units <= 0n) return { kind: 'limit' };
  const tickets = expectedTickets(balance, unitAmount(units, tariff), ev);
  if (tickets === 0n) return { kind: 'covered' };
  return { kind: 'bill', units, tickets, capped: units < due };
}
