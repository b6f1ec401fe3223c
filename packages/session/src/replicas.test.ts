import { compareRatio, ratio, subRatio } from '@lp/pricing';
import { HEADERS } from '@lp/protocol';
import { seededRandom } from '@lp/runtime/testing';
import { describe, expect, test } from 'vitest';
import { aheadNs, type Simulation, simulation } from './testing/index.ts';

const NS = 1_000_000_000n;
const PRICE = 1_000_000_000n;
/** Three hours, looked at in steps that no poll keeps to. */
const STEPS = 1_520;
const STEP_MS = 7_100;
const TARGET_S = 15;
const DEBIT_S = 5;

/** Which of several signers behind one address answers a call, by its number and the time. */
type Balancer = (call: number, seconds: number) => number;

const inTurn: Balancer = (call) => call;
const anyOne: Balancer = (call) => seededRandom(call + 1).bytes(1)[0] ?? 0;
const minutesOnEach: Balancer = (_call, seconds) => Math.floor(seconds / 60);

/** Signers of one key whose clocks differ by what `skews` says, in milliseconds. */
function replicas(world: Simulation, skews: readonly number[], balancer: Balancer): void {
  const { signer, clock } = world;
  const { handle } = signer;
  let call = 0;
  signer.lead = true;
  signer.handle = (request) => {
    const seconds = Number(clock.monotonicNs() / NS);
    signer.skewMs = skews[balancer(call++, seconds) % skews.length] ?? 0;
    return handle(request);
  };
}

const askedLeadMs = ({ signer }: Simulation): number => {
  const { lpFunding } = JSON.parse(signer.requests.at(-1) ?? '') as { lpFunding: { leadMs: number } };
  return lpFunding.leadMs;
};

describe('signers behind one address whose clocks differ (funding.md rule 3)', () => {
  test.each<[readonly number[], string, Balancer, number]>([
    [[0, -30_000], 'in turn', inTurn, 1],
    [[0, 30_000], 'in turn', inTurn, 1],
    [[30_000, 0, -30_000], 'in turn', inTurn, 20],
    [[0, -30_000], 'any one', anyOne, 3],
    [[0, 30_000], 'any one', anyOne, 60],
    [[0, -30_000], 'a minute each', minutesOnEach, 1],
    // further apart than a signer takes for clocks that differ: it counts anew, for one ticket
    [[0, -90_000], 'any one', anyOne, 3],
  ])(
    'clocks at %o ms, %s: for three hours lead, credit and money stay bounded',
    async (skews, _name, balancer, evSeconds) => {
      const world = simulation({ orchestrator: { ticketEv: BigInt(evSeconds) * PRICE } });
      replicas(world, skews, balancer);
      const session = await world.open();
      const account = world.orchestrator.accounts.get(session.id);
      if (account === undefined) throw new Error('no account');
      const spreadS = (Math.max(...skews) - Math.min(...skews)) / 1_000;
      for (let step = 0; step < STEPS; step++) {
        await world.clock.advance(STEP_MS);
        expect(askedLeadMs(world)).toBeLessThanOrEqual((TARGET_S + evSeconds + spreadS) * 1_000);
        const { runwayMs = 0 } = session.funding() ?? {};
        expect(runwayMs).toBeGreaterThan((DEBIT_S + 1) * 1_000);
        const ahead = aheadNs(account, world.clock.monotonicNs());
        expect(ahead).toBeLessThanOrEqual(BigInt(TARGET_S + evSeconds + DEBIT_S) * NS);
      }
      const receipt = await world.clock.runUntil(session.close());
      expect(receipt).toMatchObject({ reason: 'closed', rescues: 0 });
      expect(world.orchestrator.shortDebits).toEqual([]);
      const meteredWei = ratio(BigInt((STEPS * STEP_MS) / 1_000) * PRICE);
      const aheadWei = ratio(BigInt(TARGET_S + evSeconds + 1) * PRICE);
      expect(compareRatio(subRatio(receipt.paid.wei, meteredWei), aheadWei)).toBeLessThanOrEqual(0);
      // each payment is one call: no signer is asked twice for what the other did not see
      const calls = world.signer.requests.length;
      expect(calls).toBeLessThanOrEqual(world.signer.minted * 1.1 + 40);
      world.stop();
    },
  );
});

test('a Go signer goes on after hours on signers whose clocks differ', async () => {
  const world = simulation();
  replicas(world, [0, 30_000], inTurn);
  const session = await world.open();
  await world.clock.advance(7_200_000);
  world.signer.lead = false;
  await world.clock.advance(600_000);
  expect(session.signal.aborted).toBe(false);
  expect(world.orchestrator.shortDebits).toEqual([]);
  world.stop();
});

test('tickets that are lost again and again: the signer is given a new state before none keeps the lead', async () => {
  const evSeconds = 1_200;
  const world = simulation({ orchestrator: { ticketEv: BigInt(evSeconds) * PRICE } });
  world.signer.lead = true;
  const session = await world.open();
  let lost = 0;
  let losing = false;
  const { handle } = world.orchestrator;
  world.orchestrator.handle = (request) => {
    if (!losing || request.headers?.[HEADERS.payment] === undefined) return handle(request);
    losing = false;
    lost += 1;
    return Promise.resolve({ status: 402, body: 'token\n' });
  };
  for (let round = 0; round < 12; round++) {
    losing = true;
    await world.clock.advance((evSeconds + 60) * 1_000);
    expect(session.signal.aborted, `round ${round}: ${String(session.signal.reason)}`).toBe(false);
    expect(askedLeadMs(world)).toBeLessThan(3_600_000);
  }
  expect(world.orchestrator.shortDebits).toEqual([]);
  const receipt = await world.clock.runUntil(session.close());
  expect(receipt.reason).toBe('closed');
  expect(lost).toBeGreaterThan(9);
  expect(receipt.rescues).toBeGreaterThan(2);
  expect(receipt.rescues).toBeLessThanOrEqual(lost / 2);
  world.stop();
});
