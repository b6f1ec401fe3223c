import { type Simulation, simulation } from '@lp/session/testing';
import type { Result } from './result.ts';

/** EV of one ticket, in seconds of price. */
const TICKET_SECONDS = [0.1, 3, 60, 600] as const;
const PRICE_WEI = 1_000_000_000n;
const HOUR_MS = 3_600_000;

/**
 * What a session has paid for what was metered, at the end of a simulated hour: against a signer that keeps a lead, and
 * for the note against a Go signer with explicit units.
 */
export async function benchOverpaying(): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const seconds of TICKET_SECONDS) {
    const ours = await hour(seconds, true);
    const go = await hour(seconds, false);
    results.push({
      name: `session.overpay-ratio.${seconds}s`,
      value: ours.ratio,
      better: 'lower',
      note:
        `paid / metered after an hour, tickets of ${seconds} s; ${ours.payments} payments, ` +
        `${ours.calls} signer calls; Go signer, explicit units: ${go.ratio.toFixed(4)} with ${go.calls} calls`,
    });
  }
  return results;
}

async function hour(
  ticketSeconds: number,
  lead: boolean,
): Promise<{ readonly ratio: number; readonly payments: number; readonly calls: number }> {
  const world = simulation({
    orchestrator: {
      price: { pricePerUnit: PRICE_WEI, pixelsPerUnit: 1n },
      ticketEv: BigInt(Math.round(ticketSeconds * 10)) * (PRICE_WEI / 10n),
    },
  });
  world.signer.lead = lead;
  try {
    const session = await world.open();
    await world.clock.advance(HOUR_MS);
    expectHealthy(world, session.signal);
    const account = world.orchestrator.accounts.get(session.id);
    if (account === undefined) throw new Error('the orchestrator has no account of the session');
    const ratio = Number((account.credited * 1_000_000n) / account.debited) / 1_000_000;
    await world.clock.runUntil(session.close());
    return { ratio, payments: world.signer.minted, calls: world.signer.requests.length };
  } finally {
    world.stop();
  }
}

/** A session that was dropped has paid little: no figure at all. */
function expectHealthy(world: Simulation, signal: AbortSignal): void {
  if (signal.aborted) throw new Error('the session ended early', { cause: signal.reason });
  if (world.orchestrator.shortDebits.length > 0) throw new Error('a debit found the account short');
}
