import type { SenderInfo } from '../chain/port.ts';

/** A sender's money as one recipient sees it; amounts in wei. */
export interface ReserveView {
  readonly sender: SenderInfo;
  /** Size of the orchestrator ranking pool. */
  readonly poolSize: bigint;
  /** What this recipient already took from the reserve in the current round. */
  readonly claimedByRecipient: bigint;
  /** Face values of redemptions that were sent and are not confirmed. */
  readonly pending: bigint;
}

/** Deposit over pending from which pending redemptions are taken to be covered by the deposit. */
const MIN_DEPOSIT_PENDING_RATIO = 3n;

/**
 * This recipient's equal share of the reserve, less what it already took, in wei: `floor((funds + claimed) / pool) -
 * claimedByRecipient`. 0 for an empty pool; **may be negative** (payments.md section 2.7).
 */
export function reserveShare(view: Omit<ReserveView, 'pending'>): bigint {
  if (view.poolSize <= 0n) return 0n;
  const { fundsRemaining, claimedInCurrentRound } = view.sender.reserve;
  return (fundsRemaining + claimedInCurrentRound) / view.poolSize - view.claimedByRecipient;
}

/** Largest face value, in wei, that the reserve backs now. May be negative; the deposit does not raise it. */
export function maxFloat(view: ReserveView): bigint {
  const share = reserveShare(view);
  const covered = view.pending > 0n && view.sender.deposit >= MIN_DEPOSIT_PENDING_RATIO * view.pending;
  return covered ? share : share - view.pending;
}

/** Wei that a redemption could still draw from this sender: reserve share and deposit, less what is in flight. */
export const availableFunds = (view: ReserveView): bigint =>
  reserveShare(view) + view.sender.deposit - view.pending;

/** True when the sender's funds are, or within the next round will be, free to leave (payments.md section 2.6, 1). */
export const isUnlockingSoon = (sender: SenderInfo, lastInitializedRound: bigint): boolean =>
  sender.withdrawRound !== 0n && sender.withdrawRound <= lastInitializedRound + 1n;
