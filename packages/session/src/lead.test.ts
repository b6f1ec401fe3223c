import { compareRatio, ratio } from '@lp/pricing';
import { describe, expect, test } from 'vitest';
import { checkBounds } from '../test/bounds.ts';
import type { OpenSessionOptions, PaymentRecord } from './index.ts';
import { resumeSession } from './resume/resume-session.ts';
import { NO_FAULTS, type Simulation, type SimulationOptions, simulation } from './testing/index.ts';

/** 1e9 wei a second; a ticket pays a second unless told otherwise. */
async function leading(setup: SimulationOptions = {}, options: Partial<OpenSessionOptions> = {}) {
  const world = simulation(setup);
  world.signer.lead = true;
  const session = await world.open(options);
  return { world, session };
}

const bodies = (world: Simulation) =>
  world.signer.requests.map((body) => JSON.parse(body) as Record<string, unknown>);

describe('a signer that keeps a lead (funding.md rule 3)', () => {
  test('is asked for the target, in exact time, with the ceiling', async () => {
    const { world } = await leading({}, { maxPrice: { wei: 2_000_000_000n, per: 1n, unit: 'seconds' } });
    await world.clock.advance(31_500);
    const [opening, ...rest] = bodies(world);
    expect(opening).toMatchObject({
      type: 'live',
      lpFunding: { leadMs: 15_000, exact: true },
      maxPrice: { price: 2_000_000_000 },
    });
    expect(opening).not.toHaveProperty('inPixels');
    expect(rest.length).toBeGreaterThan(8);
    for (const request of rest) expect(request).toMatchObject({ type: 'live', lpFunding: { exact: true } });
    expect(world.orchestrator.shortDebits).toEqual([]);
    world.stop();
  });

  test('what is asked to be billed is the time of the session, to the nanosecond', async () => {
    const { world, session } = await leading();
    await world.clock.advance(60_000);
    const asked = bodies(world).slice(1);
    const billed = asked.reduce(
      (sum, { lpFunding }) => sum + BigInt((lpFunding as { atMostNs: number }).atMostNs),
      0n,
    );
    const { durationNs } = await world.clock.runUntil(session.close());
    expect(billed).toBeLessThanOrEqual(durationNs);
    expect(billed).toBeGreaterThan(durationNs - 4_000_000_000n);
    world.stop();
  });

  test('the receipt adds up, and says how much was ahead', async () => {
    const { world, session } = await leading();
    await world.clock.advance(60_000);
    const receipt = await world.clock.runUntil(session.close());
    const { difference } = receipt;
    expect(receipt.reason).toBe('closed');
    expect(compareRatio(difference.ahead, ratio(10_000_000_000n))).toBeGreaterThan(0);
    expect(compareRatio(difference.ahead, ratio(16_000_000_000n))).toBeLessThanOrEqual(0);
    expect(compareRatio(difference.rounding, ratio(2_000_000_000n))).toBeLessThan(0);
    world.stop();
  });

  test('a caller who asks for explicit or typed units gets them', async () => {
    for (const units of ['explicit', 'typed'] as const) {
      const { world } = await leading({}, { units });
      await world.clock.advance(10_000);
      expect(bodies(world).some((request) => 'lpFunding' in request)).toBe(false);
      world.stop();
    }
  });

  test('tickets so small that one call cannot open with ten seconds: explicit units', async () => {
    const { world } = await leading({ orchestrator: { ticketEv: 50_000_000n } });
    await world.clock.advance(60_000);
    expect(bodies(world)[0]).toMatchObject({ type: '', inPixels: 5 });
    expect(world.orchestrator.shortDebits).toEqual([]);
    world.stop();
  });

  test("an operator's limit on one call: explicit units, and the session lives", async () => {
    const { world, session } = await leading({ limits: { maxTotalEv: 6_000_000_000n } });
    await world.clock.advance(60_000);
    expect(session.signal.aborted).toBe(false);
    expect(world.orchestrator.shortDebits).toEqual([]);
    world.stop();
  });

  test('a clock of the signer that steps back and forth neither drops nor overpays', async () => {
    const { world, session } = await leading();
    for (const skewMs of [0, -30_000, 0, 30_000, -30_000, 0]) {
      world.signer.skewMs = skewMs;
      await world.clock.advance(20_000);
      const { runwayMs = 0 } = session.funding() ?? {};
      expect(runwayMs).toBeGreaterThan(9_000);
      expect(runwayMs).toBeLessThanOrEqual(16_000);
    }
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect((await world.clock.runUntil(session.close())).rescues).toBe(0);
    world.stop();
  });

  test('a clock that steps forward right after "nothing due" is not paid for with tickets', async () => {
    const ticketEv = 20_000_000_000n;
    const { world, session } = await leading({ orchestrator: { ticketEv } });
    await world.clock.advance(10_000);
    const minted = world.signer.minted;
    // Behind its own state: no time is seen, nothing is due, and the told credit is as old as the state.
    world.signer.skewMs = -25_000;
    const asked = world.signer.requests.length;
    while (world.signer.requests.length === asked) await world.clock.advance(100);
    expect(world.signer.minted).toBe(minted);
    const { runwayMs: before = 0 } = session.funding() ?? {};
    // Ahead before the second call, which could now bill everything since the state.
    world.signer.skewMs = 27_000;
    await world.clock.advance(1_500);
    expect(world.signer.minted).toBe(minted + 1);
    const { runwayMs: after = 0 } = session.funding() ?? {};
    // One ticket of 20 s lifts the runway to the target, so a second one is one too many.
    expect(after - before).toBeGreaterThan(0);
    expect(after - before).toBeLessThanOrEqual(20_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
    world.stop();
  });

  test('a Go signer under the same key goes on with the state, and ours after it', async () => {
    const { world, session } = await leading();
    await world.clock.advance(20_000);
    world.signer.lead = false;
    await world.clock.advance(120_000);
    expect(session.signal.aborted).toBe(false);
    expect(session.funding()?.runwayMs).toBeGreaterThan(7_000);
    world.signer.lead = true;
    await world.clock.advance(30_000);
    expect(session.funding()?.runwayMs).toBeGreaterThan(11_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect((await world.clock.runUntil(session.close())).reason).toBe('closed');
    world.stop();
  });

  test('maxSpend is used up to the last ticket and never passed', async () => {
    const maxSpend = 40_000_000_000n;
    const { world, session } = await leading({}, { maxSpend });
    await world.clock.advance(60_000);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt.reason).toBe('limit');
    expect(compareRatio(receipt.paid.wei, ratio(maxSpend))).toBeLessThanOrEqual(0);
    expect(compareRatio(receipt.paid.wei, ratio(35_000_000_000n))).toBeGreaterThan(0);
    world.stop();
  });

  test('a state that is refused is replaced once, with a lead', async () => {
    const { world, session } = await leading();
    await world.clock.advance(10_000);
    world.signer.answerNext({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"error":{"message":"invalid sig","code":"invalid-state-signature"}}',
    });
    await world.clock.advance(60_000);
    const receipt = await world.clock.runUntil(session.close());
    expect(receipt).toMatchObject({ reason: 'closed', rescues: 1 });
    expect(world.orchestrator.shortDebits).toEqual([]);
    world.stop();
  });

  test('goes on after a crash with what the signer holds', async () => {
    const records: PaymentRecord[] = [];
    const { world, session } = await leading({}, { store: (record) => void records.push(record) });
    await world.clock.advance(20_000);
    const checkpoint = JSON.parse(JSON.stringify(records.at(-1)?.checkpoint)) as NonNullable<
      PaymentRecord['checkpoint']
    >;
    expect(checkpoint.mode).toBe('lead');
    const old = session.signal;
    const resumed = await world.clock.runUntil(
      resumeSession(
        { checkpoint },
        {
          signer: { url: 'http://signer.test:8937' },
          clock: world.clock,
          transport: world.network.transport,
        },
      ),
    );
    await world.clock.advance(2_500);
    expect(old.aborted).toBe(false);
    expect(bodies(world).at(-1)).toMatchObject({ type: 'live', lpFunding: { exact: true } });
    expect(resumed.funding()?.runwayMs).toBeGreaterThan(11_000);
    world.stop();
  });

  test('pixels take a lead as seconds do', async () => {
    const { world } = await leading({
      orchestrator: {
        unit: '720p-pixel-seconds',
        price: { pricePerUnit: 36n, pixelsPerUnit: 1n },
        ticketEv: 995_328_000n,
      },
    });
    await world.clock.advance(60_000);
    expect(bodies(world)[0]).toMatchObject({ type: 'lv2v', lpFunding: { exact: true } });
    expect(world.orchestrator.shortDebits).toEqual([]);
    world.stop();
  });

  test.each([3, 600])('an hour at tickets of %s s stays within its bound', async (evSeconds) => {
    await checkBounds({
      seed: 7,
      seconds: 3_600,
      faults: NO_FAULTS,
      evSeconds,
      units: 'lead',
      disturb: false,
    });
  });
});
