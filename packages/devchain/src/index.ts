/**
 * A local chain that runs Livepeer's real contracts, for development and tests.
 *
 * @module
 */

export { DEV_ACCOUNTS, type DevAccount } from './accounts.ts';
export type { Contracts } from './deployment.ts';
export { type Devchain, type DevchainOptions, startDevchain } from './devchain.ts';
export { type Guard, processGuard } from './guard.ts';
export type { FeedAnswer } from './price-feed.ts';
export { RpcError } from './rpc.ts';
