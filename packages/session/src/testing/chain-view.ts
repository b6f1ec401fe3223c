import type { Hex } from '@lp/protocol';
import type { Clock } from '@lp/runtime';

const SECONDS_PER_L1_BLOCK = 12;
const HASH: Hex = `0x${'ab'.repeat(32)}`;

/** A chain as both peers see it: a funded sender, and an L1 block every 12 seconds. */
export interface TestChain {
  l1Block(): bigint;
  readonly round: bigint;
  readonly roundBlockHash: Hex;
  /** Deposit and reserve of the sender, wei. */
  deposit: bigint;
  reserve: bigint;
  /** Round from which the sender may withdraw; 0 = no unlock. */
  withdrawRound: bigint;
}

/** The chain of a simulation: it moves with the clock. */
export function testChain(clock: Clock, { startBlock = 1_000n }: { startBlock?: bigint } = {}): TestChain {
  const startNs = clock.monotonicNs();
  return {
    l1Block: () => startBlock + (clock.monotonicNs() - startNs) / BigInt(SECONDS_PER_L1_BLOCK * 1e9),
    round: 100n,
    roundBlockHash: HASH,
    deposit: 10n ** 24n,
    reserve: 10n ** 24n,
    withdrawRound: 0n,
  };
}
