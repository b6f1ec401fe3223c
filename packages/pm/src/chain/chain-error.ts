import type { Hex } from '../types.ts';
import type { Revert } from './revert-reason.ts';

/** What went wrong with the chain. */
export type ChainErrorCode =
  /** No answer from the node, or not one of JSON-RPC. Try again later, or another node. */
  | 'unreachable'
  /** The node answered something that does not decode: wrong Controller, or not a contract there. */
  | 'bad-answer'
  /** The Controller does not know a contract that is needed: it is not Livepeer's. */
  | 'unknown-contract'
  /** A contract refuses the call; `revert` says why. Nothing was sent. */
  | 'reverted'
  /** The node refuses the transaction, for example for missing ETH. Nothing was sent. */
  | 'rejected'
  /** The transaction was mined and failed. */
  | 'transaction-failed'
  /** No receipt in time; the transaction of `transactionHash` may still be mined. */
  | 'transaction-pending'
  /** A transaction was asked for and no key was given. */
  | 'no-signer'
  /** A price was asked for and no feed was given. */
  | 'no-price-feed'
  /** The feed's answer is zero, negative or of another pair. */
  | 'bad-price'
  /** The feed was not updated for too long. */
  | 'stale-price';

/** A call to the chain that did not work out. `cause` is the original error. */
export class ChainError extends Error {
  override readonly name = 'ChainError';
  readonly code: ChainErrorCode;
  /** With code `reverted`: the contract's reason. */
  readonly revert?: Revert;
  /** The transaction concerned, once it was sent. */
  readonly transactionHash?: Hex;

  constructor(
    code: ChainErrorCode,
    message: string,
    options: { cause?: unknown; revert?: Revert; transactionHash?: Hex } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.revert !== undefined) this.revert = options.revert;
    if (options.transactionHash !== undefined) this.transactionHash = options.transactionHash;
  }
}
