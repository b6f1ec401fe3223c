import { ChainError } from './chain-error.ts';
import type { Rpc } from './rpc.ts';

/** What is read of the latest block. */
export interface LatestBlock {
  /** L1 block number: `l1BlockNumber` where the chain has it, else the block's own (chain.md section 8). */
  readonly l1Block: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Wei per gas; undefined before EIP-1559. */
  readonly baseFeePerGas: bigint | undefined;
}

/**
 * The latest block, read raw: ethers' own `Block` drops `l1BlockNumber`.
 *
 * @throws ChainError
 */
export async function latestBlock(rpc: Rpc, signal?: AbortSignal): Promise<LatestBlock> {
  const raw = await rpc.send('eth_getBlockByNumber', ['latest', false], signal);
  try {
    // Checked by BigInt, which throws on anything but a number's text.
    const block = raw as Record<string, string | undefined>;
    return {
      l1Block: BigInt(block['l1BlockNumber'] ?? block['number'] ?? ''),
      timestamp: BigInt(block['timestamp'] ?? ''),
      baseFeePerGas: block['baseFeePerGas'] === undefined ? undefined : BigInt(block['baseFeePerGas']),
    };
  } catch (cause) {
    throw new ChainError('bad-answer', 'the node gave no latest block', { cause });
  }
}

/**
 * `eth_gasPrice` in wei.
 *
 * @throws ChainError
 */
export async function gasPrice(rpc: Rpc, signal?: AbortSignal): Promise<bigint> {
  const answer = await rpc.send('eth_gasPrice', [], signal);
  if (typeof answer !== 'string' || !/^0x[0-9a-f]+$/i.test(answer)) {
    throw new ChainError('bad-answer', 'the node gave no gas price');
  }
  return BigInt(answer);
}
