import { compareRatio, ratio, subRatio } from '@lp/pricing';
import { expect, test } from 'vitest';
import { type Simulation, simulation } from './testing/index.ts';

const PRICE = 1_000_000_000n;
const TARGET_S = 15;
const HOUR_S = 3_600;

/** A signer that tells of an hour more credit than it holds, in every answer. */
function boastful({ signer }: Simulation): void {
  const { handle } = signer;
  signer.lead = true;
  signer.handle = async (request) => {
    const reply = await handle(request);
    if (typeof reply.body !== 'string') return reply;
    const body = JSON.parse(reply.body) as Record<string, { creditMs?: number } | undefined>;
    const told = body['lpFunding'];
    if (told?.creditMs === undefined) return reply;
    told.creditMs += HOUR_S * 1_000;
    return { ...reply, body: JSON.stringify(body) };
  };
}

test.each([1, 20, 600])(
  'a signer whose account stays wrong is not given new states without end: tickets of %i s',
  async (evSeconds) => {
    const world = simulation({ orchestrator: { ticketEv: BigInt(evSeconds) * PRICE } });
    boastful(world);
    const session = await world.open();
    await world.clock.advance(2 * HOUR_S * 1_000);
    expect(session.signal.aborted, String(session.signal.reason)).toBe(false);
    expect(world.orchestrator.shortDebits).toEqual([]);
    const receipt = await world.clock.runUntil(session.close());
    expect(receipt.rescues).toBeGreaterThan(0);
    // each lasts for the tickets of one call, or an hour
    expect(receipt.rescues).toBeLessThanOrEqual((2 * HOUR_S) / Math.min(100 * evSeconds, HOUR_S) + 4);
    const ahead = subRatio(receipt.paid.wei, ratio(BigInt(2 * HOUR_S) * PRICE));
    const most = ratio(BigInt(HOUR_S + TARGET_S + evSeconds + 1) * PRICE);
    expect(compareRatio(ahead, most)).toBeLessThanOrEqual(0);
    world.stop();
  },
);

test('nothing above the spend limit is sent to an orchestrator, whatever the signer tells', async () => {
  const world = simulation({ orchestrator: { ticketEv: 20n * PRICE } });
  boastful(world);
  const session = await world.open({ maxSpend: 600n * PRICE });
  await world.clock.advance(1_200_000);
  const receipt = await session.ended;
  expect(receipt.reason).toBe('limit');
  expect(compareRatio(receipt.paid.wei, ratio(600n * PRICE))).toBeLessThanOrEqual(0);
  world.stop();
});
