import type { Chain, ChainHead, Redemption, SenderInfo } from '@lp/pm/chain';
import type { Hex } from '@lp/protocol';

/** A chain in memory that a test can move, break and look into. */
export interface StubChain extends Chain {
  headNow: ChainHead;
  sender: SenderInfo;
  claimed: bigint;
  active: boolean;
  /** Every call fails while this is set. */
  down: boolean;
  readonly used: Set<Hex>;
  readonly redeemed: { readonly hash: Hex; readonly gasLimit: bigint }[];
  /** What the next redemptions do; without an entry they pay the face value. */
  readonly outcomes: (Redemption | Error)[];
  calls: number;
  mine(blocks?: bigint): void;
}

/** The stub; `hashOf` tells which ticket a redemption is about. */
export function stubChain(hashOf: (ticket: Parameters<Chain['redeem']>[0]['ticket']) => Hex): StubChain {
  const answer = <T>(value: () => T): Promise<T> => {
    chain.calls++;
    return chain.down ? Promise.reject(new Error('connection refused')) : Promise.resolve(value());
  };
  const chain: StubChain = {
    headNow: {
      l1Block: 1000n,
      lastInitializedRound: 10n,
      roundBlockHash: `0x${'ab'.repeat(32)}`,
      previousRoundBlockHash: `0x${'cd'.repeat(32)}`,
      currentRoundInitialized: true,
      poolSize: 1n,
      gasPrice: 0n,
    },
    sender: {
      deposit: 10n ** 18n,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
    },
    claimed: 0n,
    active: true,
    down: false,
    used: new Set(),
    redeemed: [],
    outcomes: [],
    calls: 0,
    mine(blocks = 1n) {
      chain.headNow = { ...chain.headNow, l1Block: chain.headNow.l1Block + blocks };
    },
    head: () => answer(() => chain.headNow),
    senderInfo: () => answer(() => chain.sender),
    claimedReserve: () => answer(() => chain.claimed),
    registration: () =>
      answer(() => ({
        registered: true,
        activationRound: 1n,
        deactivationRound: chain.active ? 2n ** 256n - 1n : 2n,
      })),
    ticketValidityPeriod: () => answer(() => 2n),
    isTicketUsed: (hash) => answer(() => chain.used.has(hash)),
    redeem: ({ ticket }, { gasLimit }) =>
      answer(() => {
        const outcome = chain.outcomes.shift();
        if (outcome instanceof Error) throw outcome;
        const hash = hashOf(ticket);
        chain.used.add(hash);
        chain.redeemed.push({ hash, gasLimit });
        return (
          outcome ?? { transactionHash: `0x${'ee'.repeat(32)}`, paidWei: ticket.faceValue, gasUsed: 300_000n }
        );
      }),
    orchestrators: () => answer(() => []),
    weiPerUsd: () => answer(() => ({ weiPerUsd: { n: 5n * 10n ** 14n, d: 1n }, updatedAt: 0n })),
  };
  return chain;
}
