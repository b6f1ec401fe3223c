import type { Ratio } from '@lp/pricing';
import type { Hex, Ticket } from '../types.ts';

/** A sender's money on the TicketBroker (chain.md section 2, `getSenderInfo`). All amounts in wei. */
export interface SenderInfo {
  readonly deposit: bigint;
  /** Round from which the sender may withdraw; 0 when no unlock is in progress. */
  readonly withdrawRound: bigint;
  readonly reserve: { readonly fundsRemaining: bigint; readonly claimedInCurrentRound: bigint };
}

/** What payments need to know of the chain at one moment (chain.md section 8). */
export interface ChainHead {
  /** L1 block number, on Arbitrum too; never the L2 number. */
  readonly l1Block: bigint;
  readonly lastInitializedRound: bigint;
  /** L1 block hash stored for `lastInitializedRound`; all zero when the chain has none. */
  readonly roundBlockHash: Hex;
  readonly previousRoundBlockHash: Hex;
  readonly currentRoundInitialized: boolean;
  /** Size of the orchestrator ranking pool. */
  readonly poolSize: bigint;
  /** Wei per gas, as `eth_gasPrice` tells. */
  readonly gasPrice: bigint;
}

/** Registration of an orchestrator (chain.md section 9). */
export interface OrchestratorRegistration {
  readonly registered: boolean;
  readonly activationRound: bigint;
  readonly deactivationRound: bigint;
}

/** What a redemption brought (chain.md section 4). */
export interface Redemption {
  readonly transactionHash: Hex;
  /** Wei paid, from `WinningTicketTransfer`; 0 when the call succeeded and nothing was left to pay. */
  readonly paidWei: bigint;
  readonly gasUsed: bigint;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Livepeer's contracts as a port. The real one is `ethersChain`; every method may throw `ChainError`. */
export interface Chain {
  head(options?: CallOptions): Promise<ChainHead>;
  senderInfo(sender: Hex, options?: CallOptions): Promise<SenderInfo>;
  /** Wei that `claimant` took from `holder`'s reserve in the current round. */
  claimedReserve(holder: Hex, claimant: Hex, options?: CallOptions): Promise<bigint>;
  registration(orchestrator: Hex, options?: CallOptions): Promise<OrchestratorRegistration>;
  /** Rounds for which a ticket can be redeemed, counting its own. */
  ticketValidityPeriod(options?: CallOptions): Promise<bigint>;
  isTicketUsed(ticketHash: Hex, options?: CallOptions): Promise<boolean>;
  redeem(
    winner: { ticket: Ticket; signature: Uint8Array; recipientRand: bigint },
    options: CallOptions & { gasLimit: bigint },
  ): Promise<Redemption>;
  /** The ranking pool with service URIs (empty string when none is set). */
  orchestrators(options?: CallOptions): Promise<readonly { address: Hex; serviceUri: string }[]>;
  /** Exact wei per one US dollar, and when the feed was last updated (unix seconds). */
  weiPerUsd(options?: CallOptions): Promise<{ weiPerUsd: Ratio; updatedAt: bigint }>;
}
