import type { WinningTransfer } from '@lp/pm/chain';
import type { UsageRow } from '../ledger/store.ts';

/** One recipient on one day: what was handed out, and what the chain paid for it. */
export interface ReconciledDay {
  /** `2026-11-01`, UTC. */
  readonly day: string;
  readonly recipient: string;
  readonly tickets: bigint;
  /** Expected value of the tickets signed that day, in wei. */
  readonly issuedWei: bigint;
  /** Paid on chain that day, in wei: tickets are redeemed later than they are signed. */
  readonly paidWei: bigint;
  readonly redemptions: number;
  /** Paid less issued, up to and with this day: near 0 over many winners, far above it is worth a look. */
  readonly runningWei: bigint;
}

const DAY_MS = 86_400_000;

/** Compares usage with the TicketBroker's payouts, per recipient and day, in this order. */
export function reconcile(
  usage: readonly UsageRow[],
  transfers: readonly WinningTransfer[],
): readonly ReconciledDay[] {
  const days = new Map<string, Omit<ReconciledDay, 'runningWei'>>();
  const at = (recipient: string, ms: number) => {
    const day = new Date(ms - (ms % DAY_MS)).toISOString().slice(0, 10);
    const key = `${recipient} ${day}`;
    const found = days.get(key) ?? {
      day,
      recipient,
      tickets: 0n,
      issuedWei: 0n,
      paidWei: 0n,
      redemptions: 0,
    };
    return { key, found };
  };
  for (const { recipient, hourMs, tickets, evWei } of usage) {
    const { key, found } = at(recipient, hourMs);
    days.set(key, { ...found, tickets: found.tickets + tickets, issuedWei: found.issuedWei + evWei });
  }
  for (const { recipient, atMs, amountWei } of transfers) {
    const { key, found } = at(recipient, atMs);
    days.set(key, { ...found, paidWei: found.paidWei + amountWei, redemptions: found.redemptions + 1 });
  }
  const running = new Map<string, bigint>();
  return [...days.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, day]) => {
      const runningWei = (running.get(day.recipient) ?? 0n) + day.paidWei - day.issuedWei;
      running.set(day.recipient, runningWei);
      return { ...day, runningWei };
    });
}
