import { ceilDiv, compareRatio, type Ratio, ratio } from '@lp/pricing';

/**
 * Tickets needed so that the balance covers `max(minCredit, ev)`, **rounded up**; 0 when it does already or the
 * tickets are worth nothing (payments.md section 4.1). The balance may be negative: it is paid back.
 */
export function ticketsNeeded(balance: Ratio, minCredit: Ratio, ev: Ratio): bigint {
  return ticketsToReach(balance, compareRatio(minCredit, ev) > 0 ? minCredit : ev, ev);
}

/** Tickets that lift the balance to `amount`, **rounded up**; 0 when it is there or the tickets are worth nothing. */
export function ticketsToReach(balance: Ratio, amount: Ratio, ev: Ratio): bigint {
  if (ev.n === 0n || compareRatio(balance, amount) >= 0) return 0n;
  const missing = amount.n * balance.d - balance.n * amount.d;
  return ceilDiv(missing * ev.d, amount.d * balance.d * ev.n);
}

/** Exact `balance + tickets * ev - fee` (payments.md section 4.1). Reduced once: the terms have up to 700 bits. */
export function balanceAfter(balance: Ratio, tickets: bigint, ev: Ratio, fee: Ratio): Ratio {
  return ratio(
    (balance.n * ev.d + tickets * ev.n * balance.d) * fee.d - fee.n * balance.d * ev.d,
    balance.d * ev.d * fee.d,
  );
}
