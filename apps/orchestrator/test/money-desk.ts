import { type SimulatedClock, seededRandom, simulatedClock } from '@lp/runtime/testing';
import type { OfferedPrice, PaymentDesk } from '../src/payments/desk.ts';
import type { DeskEvent } from '../src/payments/events.ts';
import { openPaymentDesk } from '../src/payments/open-desk.ts';
import { StubChain } from './stub-chain.ts';

/** 100 wei a second. */
export const PER_SECOND: OfferedPrice = {
  runner: 'runner_a',
  price: { pricePerUnit: 100n, pixelsPerUnit: 1n },
  unit: 'seconds',
};

/** A desk on a stub chain and a simulated clock; a ticket is worth ten seconds of `PER_SECOND`. */
export interface TestDesk {
  readonly desk: PaymentDesk;
  readonly chain: StubChain;
  readonly clock: SimulatedClock;
  readonly events: DeskEvent[];
}

/** Opens a test desk. `sure` makes every ticket win. */
export async function testDesk(
  options: {
    databaseFile?: string;
    chain?: StubChain;
    clock?: SimulatedClock;
    seed?: number;
    sure?: boolean;
  } = {},
): Promise<TestDesk> {
  const chain = options.chain ?? new StubChain();
  const clock = options.clock ?? simulatedClock({ turns: 4 });
  const events: DeskEvent[] = [];
  const desk = await openPaymentDesk({
    chain,
    recipient: `0x${'73'.repeat(20)}`,
    serviceUrl: () => 'https://orchestrator.test:8935',
    databaseFile: options.databaseFile ?? ':memory:',
    policy: { ticketEv: 1_000n, redeemGas: 200n, ...(options.sure === true && { maxFaceValue: 1_000n }) },
    clock,
    random: seededRandom(options.seed ?? 1),
    onEvent: (event) => events.push(event),
  });
  return { desk, chain, clock, events };
}
