import { seededRandom } from '@lp/runtime/testing';
import { expect } from 'vitest';
import type { OpenSessionOptions, SessionEvent } from '../src/index.ts';
import { aheadNs, type Faults, NO_FAULTS, type Simulation, simulation } from '../src/testing/index.ts';

/** One run of the simulation. */
export interface Run {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Faults;
  /** EV of one ticket, in seconds of price. */
  readonly evSeconds: number;
  /** `lead`: our signer. The others: a Go signer. */
  readonly units: 'lead' | 'explicit' | 'typed';
  /** Restarts of the signer and steps of its clock. */
  readonly disturb: boolean;
}

const NS = 1_000_000_000n;
const DEBIT_NS = 5n * NS;
const PRICE = 1_000_000_000n;

/** What the fault model of funding.md section 3 allows. */
export const FAULTS: Faults = { loss: 0.05, delayMs: 2_000, duplicate: 0.03, hang: 0.3, quietMs: 8_000 };

const pick = (seed: number, salt: number): number => {
  const [a = 0, b = 0] = seededRandom(seed * 1_000 + salt).bytes(2);
  return (a * 256 + b) / 65_536;
};

const EVS = [0.1, 0.7, 1, 3, 8, 20, 60, 180];
const TYPED_EVS = [1, 1, 1, 3, 8, 20, 60, 180];

/** A run drawn from the seed. */
export const runOf = (seed: number, seconds: number, units: Run['units']): Run => ({
  seed,
  seconds,
  // Ten seconds of typed preload leave no room for a silent loss, and a hundred small tickets none for a gap.
  faults: seed % 4 === 0 ? NO_FAULTS : units === 'typed' ? { ...FAULTS, hang: 0 } : FAULTS,
  evSeconds: (units === 'typed' ? TYPED_EVS : EVS)[Math.floor(pick(seed, 1) * EVS.length)] ?? 1,
  units,
  disturb: seed % 4 !== 0 && units !== 'typed',
});

async function disturb(world: Simulation, { seed, seconds }: Run): Promise<void> {
  const end = world.clock.monotonicNs() + BigInt(seconds) * NS;
  for (let i = 0; world.clock.monotonicNs() < end; i++) {
    await world.clock.advance(5_000 + pick(seed, 100 + i) * 25_000);
    const choice = pick(seed, 200 + i);
    if (choice < 0.3) {
      // One trouble at a time, so that no outage is longer than the runway less one debit interval.
      const { faults } = world.network;
      world.network.faults = { ...faults, loss: 0 };
      await world.clock.advance(8_000);
      world.signer.down = true;
      await world.clock.advance(500 + pick(seed, 300 + i) * 2_500);
      world.signer.down = false;
      await world.clock.advance(4_000);
      world.network.faults = faults;
    } else if (choice < 0.6) {
      world.signer.skewMs = Math.round((pick(seed, 400 + i) - 0.5) * 60_000);
    }
  }
}

/** Runs a session and checks the bounds of funding.md section 3 all the way. Gives the number of lost messages. */
export async function checkBounds(run: Run, options: Partial<OpenSessionOptions> = {}): Promise<number> {
  const ev = BigInt(Math.round(run.evSeconds * 1e9));
  const world = simulation({
    seed: run.seed,
    faults: run.faults,
    orchestrator: { price: { pricePerUnit: PRICE, pixelsPerUnit: 1n }, ticketEv: ev },
  });
  const label = JSON.stringify(run);
  const events: SessionEvent[] = [];
  let mints = 0;
  world.signer.lead = run.units === 'lead';
  const session = await world.open({
    ...(run.units === 'lead' ? {} : { units: run.units }),
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'payment') mints += 1;
    },
    ...options,
  });
  const account = world.orchestrator.accounts.get(session.id);
  if (account === undefined) throw new Error(`${label}: no account`);
  // Metering may begin as late as the answer to the reservation comes; the client counts from its request on.
  const uncertain =
    aheadNs(account, world.clock.monotonicNs()) - BigInt(session.funding()?.runwayMs ?? 0) * 1_000_000n;
  expect(uncertain, `${label}: metering began before the client says`).toBeGreaterThanOrEqual(0n);
  let done = false;
  let failure: unknown;
  const watch = (async () => {
    let target = 0n;
    while (!done) {
      const funding = session.funding();
      const targetNs = BigInt(funding?.targetMs ?? 0) * 1_000_000n;
      if (targetNs > target) target = targetNs;
      // One nanosecond of rounding in the target's milliseconds is not worth a unit.
      const oneMs = 1_000_000n;
      const evNs = BigInt(Math.round(run.evSeconds * 1e9));
      const margin = {
        lead: evNs + DEBIT_NS,
        explicit: 2n * evNs + NS,
        typed: 2n * evNs + NS + BigInt(mints + 1) * NS,
      };
      const allowed = target + margin[run.units] + oneMs + uncertain;
      const ahead = aheadNs(account, world.clock.monotonicNs());
      expect(ahead, `${label}: paid ahead`).toBeLessThanOrEqual(allowed);
      await world.clock.sleep(500);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  if (run.disturb) await disturb(world, run);
  else await world.clock.advance(run.seconds * 1_000);
  done = true;
  await world.clock.advance(500);
  await watch;
  if (failure !== undefined) throw failure;

  const tail = JSON.stringify(events.slice(-12), (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  expect(world.orchestrator.shortDebits, `${label}: a debit found the account short ${tail}`).toEqual([]);
  expect(session.signal.aborted, `${label}: ended ${String(session.signal.reason)} ${tail}`).toBe(false);
  world.network.faults = { ...run.faults, loss: 0 };
  const receipt = await world.clock.runUntil(session.close());
  expect(receipt.reason, label).toBe('closed');
  if (run.units !== 'typed') expect(receipt.rescues, `${label}: rescues`).toBe(0);
  world.stop();
  return world.network.losses;
}
