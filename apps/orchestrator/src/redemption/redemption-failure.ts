import type { ChainErrorCode, RevertCode } from '@lp/pm/chain';
import type { Hex } from '@lp/protocol';

/** What a failed redemption means for its ticket. */
export interface RedemptionFailure {
  /** `final`: it will never be paid. `pending`: a transaction is still on its way. `retry`: again at a later block. */
  readonly outcome: 'final' | 'pending' | 'retry';
  /** For the operator. */
  readonly note: string;
  /** The transaction concerned, once it was sent. */
  readonly transactionHash?: Hex;
}

/**
 * Refusals of the contract for which a ticket is given up (payments.md section 2.7, chain.md section 7). A mined and
 * failed transaction is the only other reason; everything else is retried while the ticket is redeemable.
 */
const FINAL_REVERTS: readonly RevertCode[] = ['ticket-used', 'no-round-hash', 'ticket-expired'];

const MAX_NOTE = 300;

/** What of a `ChainError` matters here; the class itself may come from another copy of the package. */
interface ChainErrorLike {
  readonly code?: ChainErrorCode;
  readonly revert?: { readonly code: RevertCode; readonly text: string };
  readonly transactionHash?: Hex;
}

/** Reads what to do out of what `Chain.redeem` threw. */
export function redemptionFailure(error: unknown): RedemptionFailure {
  // A structural look: every field is optional and checked below.
  const { code, revert, transactionHash } = (error instanceof Error ? error : {}) as ChainErrorLike;
  const text = error instanceof Error ? error.message : String(error);
  const sent = transactionHash === undefined ? {} : { transactionHash };
  if (code === 'transaction-pending') return { outcome: 'pending', note: text.slice(0, MAX_NOTE), ...sent };
  const final =
    code === 'transaction-failed' || (revert !== undefined && FINAL_REVERTS.includes(revert.code));
  const note = (revert?.text || text).slice(0, MAX_NOTE);
  return { outcome: final ? 'final' : 'retry', note, ...sent };
}
