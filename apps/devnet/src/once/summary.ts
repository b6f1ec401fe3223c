import { compareRatio, floorRatio, formatEth, type Ratio, ratio } from '@lp/pricing';
import type { Receipt } from '@lp/session';
import type { Exchange } from './exchange.ts';
import type { SessionLedger } from './ledger.ts';
import type { Payouts } from './redemptions.ts';

/** The result of one paid session, as architecture.md section 7 fixes it. Wei as decimal text. */
export interface Summary {
  readonly ok: boolean;
  readonly seconds: number;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly latencyMsP50: number;
  readonly latencyMsP99: number;
  readonly priceWeiPerSecond: string;
  readonly payments: number;
  readonly tickets: number;
  /** EV of acknowledged tickets, rounded down. */
  readonly paidWei: string;
  /** Debited by the orchestrator, rounded down. */
  readonly meteredWei: string;
  readonly winningTickets: number;
  readonly redeemedTickets: number;
  readonly redeemedWei: string;
  readonly runwaySecondsMin: number;
  readonly closedBy: string;
  readonly startupMs: number;
  /** Why it is not ok; left out when it is. */
  readonly failures?: readonly string[];
}

/** Share of frames that may be missing. */
const MAX_LOSS = 0.02;

/** Sums up a run and judges it. */
export function summarize(run: {
  readonly seconds: number;
  readonly exchange: Exchange;
  readonly receipt: Receipt;
  readonly ledger: SessionLedger;
  readonly payouts: Payouts;
  readonly runwayMsMin: number;
  readonly startupMs: number;
}): Summary {
  const { exchange, receipt, ledger, payouts } = run;
  const latencies = exchange.latenciesMs.toSorted((a, b) => a - b);
  const failures = judge(run);
  const { price } = receipt;
  return {
    ok: failures.length === 0,
    seconds: run.seconds,
    framesSent: exchange.sent,
    framesReceived: exchange.received,
    latencyMsP50: quantile(latencies, 0.5),
    latencyMsP99: quantile(latencies, 0.99),
    priceWeiPerSecond: (price === undefined ? 0n : price.wei / price.per).toString(),
    payments: receipt.paid.payments,
    tickets: receipt.paid.tickets,
    paidWei: floorRatio(receipt.paid.wei).toString(),
    meteredWei: ledger.meteredWei.toString(),
    winningTickets: ledger.winners.length,
    redeemedTickets: payouts.tickets,
    redeemedWei: payouts.wei.toString(),
    runwaySecondsMin: Math.round(run.runwayMsMin) / 1_000,
    closedBy: receipt.reason === 'closed' ? 'client' : receipt.reason,
    startupMs: run.startupMs,
    ...(failures.length === 0 ? {} : { failures }),
  };
}

function judge(run: Parameters<typeof summarize>[0]): string[] {
  const { exchange, receipt, ledger, payouts, runwayMsMin } = run;
  const metered: Ratio = ratio(ledger.meteredWei);
  const failures = [...exchange.faults];
  const check = (good: boolean, failure: string): void => {
    if (!good) failures.push(failure);
  };
  check(exchange.sent > 0, 'no frame was sent');
  check(
    exchange.received >= exchange.sent * (1 - MAX_LOSS),
    `${exchange.sent - exchange.received} of ${exchange.sent} frames did not come back as they should`,
  );
  check(receipt.reason === 'closed', `the session ended by itself: ${receipt.message}`);
  check(ledger.meteredWei > 0n, 'the orchestrator debited nothing');
  check(compareRatio(receipt.paid.wei, metered) >= 0, 'less was paid than the orchestrator debited');
  check(runwayMsMin > 0, 'the credit ran out');
  check(payouts.tickets > 0 && payouts.wei > 0n, 'the contract paid no winning ticket');
  return failures;
}

/** Nearest-rank quantile of sorted milliseconds, rounded to a tenth; 0 for none. */
function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return Math.round(value * 10) / 10;
}

/** The summary for people. */
export function readableSummary(summary: Summary): string {
  const eth = (wei: string): string => `${formatEth(BigInt(wei))} (${wei} wei)`;
  return [
    summary.ok ? 'ok' : `not ok: ${summary.failures?.join('; ')}`,
    `frames    ${summary.framesReceived} of ${summary.framesSent} came back and are right`,
    `latency   ${summary.latencyMsP50} ms in the middle, ${summary.latencyMsP99} ms for one in a hundred`,
    `price     ${summary.priceWeiPerSecond} wei per second`,
    `paid      ${eth(summary.paidWei)} in ${summary.payments} payments, ${summary.tickets} tickets`,
    `metered   ${eth(summary.meteredWei)}`,
    `winners   ${summary.winningTickets}, of which the contract paid ${summary.redeemedTickets}: ${eth(summary.redeemedWei)}`,
    `runway    never below ${summary.runwaySecondsMin} s`,
    `closed by ${summary.closedBy} after ${summary.seconds} s`,
    '',
  ].join('\n');
}
