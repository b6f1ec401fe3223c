/**
 * Livepeer's contracts over JSON-RPC, through ethers. Needs the optional peer `ethers`.
 *
 * @module
 */

export type { ChainClock } from './chain-clock.ts';
export { ChainError, type ChainErrorCode } from './chain-error.ts';
export { type EthersChainOptions, ethersChain, transactionKey } from './ethers-chain.ts';
export { KeystoreError, readKeystore } from './keystore.ts';
export type * from './port.ts';
export type { Revert, RevertCode } from './revert-reason.ts';
export type { RpcProvider } from './rpc.ts';
export {
  type PreparedTransaction,
  type SenderAccount,
  type SenderAction,
  senderAccount,
} from './sender-account.ts';
export type { TransactionSigner } from './transaction.ts';
export {
  type WinningTransfer,
  type WinningTransferQuery,
  winningTransfers,
} from './winning-transfers.ts';
