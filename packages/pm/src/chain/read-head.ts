import type { Hex } from '../types.ts';
import { gasPrice, latestBlock } from './block.ts';
import type { Contracts } from './contracts.ts';
import type { ChainHead } from './port.ts';
import type { Rpc } from './rpc.ts';

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

/**
 * The head in two rounds of calls. A round without a stored hash gives zeros, which no ticket can be redeemed with;
 * choosing the previous round then is the reader's decision (chain.md section 8).
 *
 * @throws ChainError
 */
export async function readHead(rpc: Rpc, contracts: Contracts, signal?: AbortSignal): Promise<ChainHead> {
  const [block, price, [round], [initialized], [poolSize]] = await Promise.all([
    latestBlock(rpc, signal),
    gasPrice(rpc, signal),
    contracts.view('RoundsManager', 'lastInitializedRound', [], signal),
    contracts.view('RoundsManager', 'currentRoundInitialized', [], signal),
    contracts.view('BondingManager', 'getTranscoderPoolSize', [], signal),
  ]);
  const lastInitializedRound = BigInt(round);
  const hashOf = async (of: bigint): Promise<Hex> => {
    if (of < 0n) return ZERO_HASH;
    const [hash] = await contracts.view('RoundsManager', 'blockHashForRound', [of], signal);
    // The ABI says bytes32.
    return String(hash) as Hex;
  };
  const [roundBlockHash, previousRoundBlockHash] = await Promise.all([
    hashOf(lastInitializedRound),
    hashOf(lastInitializedRound - 1n),
  ]);
  return {
    l1Block: block.l1Block,
    lastInitializedRound,
    roundBlockHash,
    previousRoundBlockHash,
    currentRoundInitialized: Boolean(initialized),
    poolSize: BigInt(poolSize),
    gasPrice: price,
  };
}
