import { ticketHash } from '@lp/pm';
import type { Chain, ChainHead, OrchestratorRegistration, Redemption, SenderInfo } from '@lp/pm/chain';
import type { Hex } from '@lp/protocol';

/** A chain in memory that a test can move, break and look into. */
export class StubChain implements Chain {
  l1Block = 1_000n;
  lastInitializedRound = 10n;
  currentRoundInitialized = true;
  gasPrice = 0n;
  sender: SenderInfo = {
    deposit: 10n ** 18n,
    withdrawRound: 0n,
    reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
  };
  claimed = 0n;
  /** Whether the orchestrator is active. */
  active = true;
  /** While false, every call fails. */
  reachable = true;
  readonly used = new Set<Hex>();
  readonly redeemed: { readonly hash: Hex; readonly gasLimit: bigint }[] = [];
  /** What the next redemptions do; without an entry they pay the face value. */
  readonly outcomes: (Redemption | Error)[] = [];

  head(): Promise<ChainHead> {
    return this.#answer(() => ({
      l1Block: this.l1Block,
      lastInitializedRound: this.lastInitializedRound,
      roundBlockHash: `0x${'ab'.repeat(32)}`,
      previousRoundBlockHash: `0x${'cd'.repeat(32)}`,
      currentRoundInitialized: this.currentRoundInitialized,
      poolSize: 1n,
      gasPrice: this.gasPrice,
    }));
  }

  senderInfo(): Promise<SenderInfo> {
    return this.#answer(() => this.sender);
  }

  claimedReserve(): Promise<bigint> {
    return this.#answer(() => this.claimed);
  }

  registration(): Promise<OrchestratorRegistration> {
    const deactivationRound = this.active ? 2n ** 256n - 1n : 2n;
    return this.#answer(() => ({ registered: true, activationRound: 1n, deactivationRound }));
  }

  ticketValidityPeriod(): Promise<bigint> {
    return this.#answer(() => 2n);
  }

  isTicketUsed(hash: Hex): Promise<boolean> {
    return this.#answer(() => this.used.has(hash));
  }

  redeem(
    { ticket }: Parameters<Chain['redeem']>[0],
    { gasLimit }: { gasLimit: bigint },
  ): Promise<Redemption> {
    return this.#answer(() => {
      const outcome = this.outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      const hash = ticketHash(ticket);
      this.used.add(hash);
      this.redeemed.push({ hash, gasLimit });
      return (
        outcome ?? { transactionHash: `0x${'ee'.repeat(32)}`, paidWei: ticket.faceValue, gasUsed: 300_000n }
      );
    });
  }

  orchestrators(): Promise<readonly { address: Hex; serviceUri: string }[]> {
    return this.#answer(() => []);
  }

  weiPerUsd(): ReturnType<Chain['weiPerUsd']> {
    return this.#answer(() => ({ weiPerUsd: { n: 5n * 10n ** 14n, d: 1n }, updatedAt: 0n }));
  }

  async #answer<T>(value: () => T): Promise<T> {
    if (!this.reachable) throw new Error('connection refused');
    return value();
  }
}
