import { addRatio, type Ratio, subRatio } from '@lp/pricing';
import { ticketsNeeded, ticketsToReach } from './balance.ts';
import type { Bill } from './bill.ts';
import { creditReport, leadBalance } from './credit.ts';
import type { OpenedPayment } from './open.ts';
import { SignerRefusal } from './refusal.ts';
import type { SenderLimits } from './ticket-checks.ts';

/** Most tickets in one payment (remote-signer.md section 2, step 17). */
export const MAX_TICKETS = 100n;

/** How many tickets the operator allows in one call, **rounded down**; at least 1, at most `MAX_TICKETS`. */
export function mostTickets(ticketEv: Ratio, { maxTotalEv }: Pick<SenderLimits, 'maxTotalEv'>): bigint {
  if (ticketEv.n === 0n) return MAX_TICKETS;
  const affordable = (maxTotalEv * ticketEv.d) / ticketEv.n;
  return affordable < 1n ? 1n : affordable < MAX_TICKETS ? affordable : MAX_TICKETS;
}

/**
 * Tickets for a bill. Without a lead upstream's rule: the balance is lifted to the larger of fee and EV. With one it is
 * lifted to fee and lead, without that floor; of a long lead one call brings what `most` allows, the next calls the rest.
 *
 * @throws SignerRefusal 482 `no-tickets`, `clock-behind`; 400 `too-many-tickets`.
 */
export function ticketsFor(
  opened: OpenedPayment,
  bill: Bill,
  { ticketEv, most }: { readonly ticketEv: Ratio; readonly most: bigint },
): bigint {
  const { balance } = opened.state;
  const hasLead = opened.funding.leadNs !== undefined;
  // how much time has passed is not known: one ticket gives the caller a state that counts it again
  const least = bill.restarts ? 1n : 0n;
  if (!bill.restarts && bill.units === 0n && !hasLead) throw nothingDue(opened, bill, 'clock-behind');
  const forFee =
    hasLead || bill.restarts
      ? ticketsToReach(balance, bill.fee, ticketEv)
      : ticketsNeeded(balance, bill.fee, ticketEv);
  if (forFee > MAX_TICKETS) {
    const message = `numTickets ${forFee} exceeds maximum of ${MAX_TICKETS}`;
    throw new SignerRefusal(400, 'too-many-tickets', message);
  }
  const needed = hasLead
    ? ticketsToReach(balance, addRatio(bill.fee, leadBalance(opened)), ticketEv)
    : forFee;
  const wanted = needed < least ? least : needed;
  if (wanted <= 0n) throw nothingDue(opened, bill, 'no-tickets');
  // a fee that is above the operator's limit stays whole: the checks refuse it
  return wanted <= most ? wanted : forFee > most ? forFee : most;
}

function nothingDue(
  opened: OpenedPayment,
  { fee }: Bill,
  code: 'no-tickets' | 'clock-behind',
): SignerRefusal {
  const credit = creditReport(opened, subRatio(opened.state.balance, fee));
  return new SignerRefusal(482, code, 'no tickets', { credit });
}
