import type { Chain, ChainHead, SenderInfo } from '@lp/pm/chain';

/** A chain of fixed answers that can be told to fail. */
export interface StubChain extends Chain {
  failing: boolean;
  /** Recipients that are no orchestrators. */
  readonly unregistered: Set<string>;
  readonly state: { head: ChainHead; sender: SenderInfo; orchestrators: string[] };
}

/** L1 block 1000, round 8, a sender with one ETH of deposit and reserve. */
export function stubChain(): StubChain {
  const state: StubChain['state'] = {
    head: {
      l1Block: 1000n,
      lastInitializedRound: 8n,
      roundBlockHash: `0x${'33'.repeat(32)}`,
      previousRoundBlockHash: `0x${'32'.repeat(32)}`,
      currentRoundInitialized: true,
      poolSize: 1n,
      gasPrice: 1n,
    },
    sender: {
      deposit: 10n ** 18n,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
    },
    orchestrators: [],
  };
  const unused = () => Promise.reject(new Error('the signer does not use this'));
  const stub: StubChain = {
    failing: false,
    unregistered: new Set(),
    state,
    head: async () => answer(state.head),
    senderInfo: async () => answer(state.sender),
    orchestrators: async () =>
      answer(
        state.orchestrators.map((serviceUri) => ({ address: `0x${'aa'.repeat(20)}` as const, serviceUri })),
      ),
    claimedReserve: unused,
    registration: async (address) =>
      answer({
        registered: !stub.unregistered.has(address),
        activationRound: 1n,
        deactivationRound: 2n ** 255n,
      }),
    ticketValidityPeriod: unused,
    isTicketUsed: unused,
    redeem: unused,
    weiPerUsd: unused,
  };
  const answer = <T>(value: T): T => {
    if (stub.failing) throw new Error('the RPC endpoint is away');
    return value;
  };
  return stub;
}
