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
  const field = (name: string): bigint | undefined =>
    typeof raw === 'object' && raw !== null && name in raw
      ? quantity((raw as Record<string, unknown>)[name])
      : undefined;
  const l1Block = field('l1BlockNumber') ?? field('number');
  const timestamp = field('timestamp');
  if (l1Block === undefined || timestamp === undefined) {
    throw new ChainError('bad-answer', 'the node gave no latest block');
  }
  return { l1Block, timestamp, baseFeePerGas: field('baseFeePerGas') };
}

/** A number as JSON-RPC writes it; undefined for anything else. */
function quantity(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value) ? BigInt(value) : undefined;
}

/**
 * `eth_gasPrice` in wei.
 *
 * @throws ChainError
 */
export async function gasPrice(rpc: Rpc, signal?: AbortSignal): Promise<bigint> {
  const price = quantity(await rpc.send('eth_gasPrice', [], signal));
  if (price === undefined) throw new ChainError('bad-answer', 'the node gave no gas price');
  return price;
}
