import type { Hex } from '@lp/protocol';
import type { ChainHead } from '../chain/port.ts';
import { availableFunds, type ReserveView } from './reserve.ts';

/** Why a winning ticket is not redeemed now. */
export type RedemptionWait =
  /** More tickets may still come under its params: redeeming would reveal recipientRand. */
  | 'params-live'
  | 'round-not-initialized'
  | 'recipient-inactive'
  | 'insufficient-funds'
  | 'face-value-below-tx-cost';

/** Why a winning ticket will never be redeemed. */
export type RedemptionEnd = 'used' | 'expired' | 'no-round-hash';

/** What to do with a winning ticket now. */
export type RedemptionDecision =
  | { readonly action: 'redeem' }
  | { readonly action: 'wait'; readonly reason: RedemptionWait }
  | { readonly action: 'give-up'; readonly reason: RedemptionEnd };

/** The ticket's side of the decision. */
export interface QueuedWinner {
  /** Wei. */
  readonly faceValue: bigint;
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Hex;
  /** L1 block. */
  readonly expirationBlock: bigint;
}

/** First half of the decision: what the head alone tells. Undefined: look at the money. */
export function timeDecision(
  winner: QueuedWinner,
  head: Pick<ChainHead, 'l1Block' | 'lastInitializedRound' | 'currentRoundInitialized'>,
  validityRounds: bigint,
): RedemptionDecision | undefined {
  if (winner.creationRound === 0n && BigInt(winner.creationRoundBlockHash) === 0n) {
    return { action: 'give-up', reason: 'no-round-hash' };
  }
  // The contract takes creationRound + validity > currentRound (chain.md section 4, check 8); upstream's own window
  // is one round longer and only wastes transactions.
  if (winner.creationRound + validityRounds <= head.lastInitializedRound) {
    return { action: 'give-up', reason: 'expired' };
  }
  if (winner.expirationBlock > head.l1Block) return { action: 'wait', reason: 'params-live' };
  if (!head.currentRoundInitialized) return { action: 'wait', reason: 'round-not-initialized' };
  return undefined;
}

/**
 * Second half: the same order as upstream (payments.md section 2.7) - activity, used, funds, cost. `txCost` is redeem
 * gas times a fresh gas price, in wei. Funds and face value must be **above** it.
 */
export function moneyDecision(
  winner: QueuedWinner,
  state: {
    readonly recipientActive: boolean;
    readonly used: boolean;
    readonly reserve: ReserveView;
    readonly txCost: bigint;
  },
): RedemptionDecision {
  if (!state.recipientActive) return { action: 'wait', reason: 'recipient-inactive' };
  if (state.used) return { action: 'give-up', reason: 'used' };
  if (availableFunds(state.reserve) <= state.txCost) return { action: 'wait', reason: 'insufficient-funds' };
  if (winner.faceValue <= state.txCost) return { action: 'wait', reason: 'face-value-below-tx-cost' };
  return { action: 'redeem' };
}

/** True when an orchestrator may take tickets in `round` (payments.md section 2.6, d). */
export const isActiveIn = (
  registration: { readonly activationRound: bigint; readonly deactivationRound: bigint },
  round: bigint,
): boolean => registration.activationRound <= round && round < registration.deactivationRound;
