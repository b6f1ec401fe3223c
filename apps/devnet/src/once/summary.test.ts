import { ratio } from '@lp/pricing';
import type { Receipt } from '@lp/session';
import { describe, expect, it } from 'vitest';
import { readableSummary, summarize } from './summary.ts';

const receipt: Receipt = {
  sessionId: 's',
  app: 'lp/edges',
  runner: 'r',
  orchestrator: 'o',
  reason: 'closed',
  message: 'closed by the caller',
  openedMs: 0,
  closedMs: 20_000,
  durationNs: 20_000_000_000n,
  price: { wei: 69_444_444_444n, per: 1n, unit: 'seconds' },
  fees: { units: 20n, wei: ratio(1_388_888_888_880n) },
  paid: { payments: 7, tickets: 35, wei: ratio(4_861_111_111_081n, 2n) },
  lost: { tickets: 0, wei: ratio(0n) },
  undecided: { tickets: 0, wei: ratio(0n) },
  difference: { wei: ratio(0n), ahead: ratio(0n), rounding: ratio(0n) },
  rescues: 0,
};
const winner = { status: 'redeemed' };
const good = {
  seconds: 20,
  exchange: { sent: 400, received: 392, latenciesMs: [30, 10, 20, 40.04], faults: [] as string[] },
  receipt,
  ledger: { meteredWei: 1_388_888_888_880n, creditedWei: 0n, tickets: 35, winners: [winner, winner] },
  payouts: { tickets: 2, wei: 277_777_777_776n },
  runwayMsMin: 12_345.6,
  startupMs: 1_500,
};

describe('the summary of a session', () => {
  it('is the line of architecture.md section 7', () => {
    expect(JSON.parse(JSON.stringify(summarize(good)))).toEqual({
      ok: true,
      seconds: 20,
      framesSent: 400,
      framesReceived: 392,
      latencyMsP50: 20,
      latencyMsP99: 40,
      priceWeiPerSecond: '69444444444',
      payments: 7,
      tickets: 35,
      paidWei: '2430555555540',
      meteredWei: '1388888888880',
      winningTickets: 2,
      redeemedTickets: 2,
      redeemedWei: '277777777776',
      runwaySecondsMin: 12.346,
      closedBy: 'client',
      startupMs: 1500,
    });
  });

  const { exchange, ledger } = good;
  it.each([
    ['no frames', { exchange: { ...exchange, sent: 0, received: 0 } }, 'no frame was sent'],
    ['too many frames lost', { exchange: { ...exchange, received: 391 } }, '9 of 400 frames'],
    ['a wrong frame', { exchange: { ...exchange, faults: ['frame 7 is wrong'] } }, 'frame 7 is wrong'],
    ['a drop', { receipt: { ...receipt, reason: 'dropped', message: 'gone' } as const }, 'by itself: gone'],
    ['nothing metered', { ledger: { ...ledger, meteredWei: 0n } }, 'debited nothing'],
    ['short payment', { ledger: { ...ledger, meteredWei: 2_430_555_555_541n } }, 'less was paid'],
    ['no credit left', { runwayMsMin: 0 }, 'the credit ran out'],
    ['no payout', { payouts: { tickets: 0, wei: 0n } }, 'paid no winning ticket'],
    ['an empty payout', { payouts: { tickets: 1, wei: 0n } }, 'paid no winning ticket'],
  ])('is not ok with %s', (_name, change, failure) => {
    const summary = summarize({ ...good, ...change });
    expect(summary.ok).toBe(false);
    expect(summary.failures).toEqual([expect.stringContaining(failure)]);
    expect(readableSummary(summary)).toContain(`not ok: `);
  });

  it('reads well', () => {
    expect(readableSummary(summarize(good))).toContain('392 of 400 came back');
  });
});
