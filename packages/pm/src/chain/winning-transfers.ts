import type { Hex } from '../types.ts';
import { ChainError } from './chain-error.ts';
import { ABI, livepeerContracts } from './contracts.ts';
import { providerRpc, type Rpc, type RpcProvider, urlRpc } from './rpc.ts';

/** A winning ticket that the TicketBroker paid (chain.md section 4, `WinningTicketTransfer`). */
export interface WinningTransfer {
  readonly transactionHash: Hex;
  readonly recipient: Hex;
  /** Wei. */
  readonly amountWei: bigint;
  /** Time of its block, unix milliseconds. */
  readonly atMs: number;
}

/** Which transfers are asked for. */
export type WinningTransferQuery = (
  | { readonly rpcUrl: string; readonly provider?: never }
  | { readonly provider: RpcProvider; readonly rpcUrl?: never }
) & {
  readonly controller: Hex;
  readonly sender: Hex;
  /** Unix milliseconds; from included, to excluded. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly signal?: AbortSignal;
};

/** Blocks asked for at once; halved where the node finds that too much, down to one. */
const MOST_BLOCKS = 10_000;
/** Answers after which twice as many are tried again: what was too much may have been a busy node or time. */
const ANSWERS_BEFORE_MORE = 10;
const MOST_TRANSFERS = 1_000_000;

/**
 * What was paid out of a sender's deposit and reserve in a period, in order of the chain.
 *
 * @throws ChainError; the signal's reason.
 */
export async function winningTransfers(query: WinningTransferQuery): Promise<readonly WinningTransfer[]> {
  const { controller, sender, fromMs, toMs, signal } = query;
  const rpc = query.rpcUrl === undefined ? providerRpc(query.provider) : urlRpc(query.rpcUrl);
  const broker = await livepeerContracts(rpc, controller).address('TicketBroker', signal);
  const blocks = blockReader(rpc, signal);
  const latest = await blocks.latest();
  const first = await blocks.firstAtOrAfter(fromMs, latest);
  const end = await blocks.firstAtOrAfter(toMs, latest);
  const event = ABI.TicketBroker.getEvent('WinningTicketTransfer');
  if (event === null) throw new TypeError('the ABI has no WinningTicketTransfer');
  const topics = [event.topicHash, `0x${sender.slice(2).toLowerCase().padStart(64, '0')}`];
  const found: WinningTransfer[] = [];
  let size = MOST_BLOCKS;
  let answers = 0;
  for (let from = first; from < end; ) {
    const to = Math.min(from + size, end) - 1;
    const filter = { address: broker, topics, fromBlock: hex(from), toBlock: hex(to) };
    let logs: unknown;
    try {
      logs = await rpc.send('eth_getLogs', [filter], signal);
    } catch (error) {
      if (!mayBeTooMuch(error) || size === 1) throw error;
      size = Math.ceil(size / 2);
      answers = 0;
      continue;
    }
    if (!Array.isArray(logs)) throw new ChainError('bad-answer', 'eth_getLogs did not answer a list');
    for (const log of logs) found.push(await readTransfer(log, blocks));
    if (found.length > MOST_TRANSFERS) throw new ChainError('bad-answer', 'more transfers than can be right');
    from = to + 1;
    answers += 1;
    if (answers % ANSWERS_BEFORE_MORE === 0) size = Math.min(2 * size, MOST_BLOCKS);
  }
  return found;
}

/** Nodes say so in JSON-RPC, with a status of HTTP, or by not coming to an end. */
function mayBeTooMuch(error: unknown): boolean {
  if (!(error instanceof ChainError)) return false;
  if (error.code === 'rejected') return true;
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return error.code === 'unreachable' && (code === 'SERVER_ERROR' || code === 'TIMEOUT');
}

interface BlockReader {
  latest(): Promise<number>;
  timeMs(block: number): Promise<number>;
  /** Number of the first block at or after a time; one beyond the last where there is none. */
  firstAtOrAfter(ms: number, latest: number): Promise<number>;
}

function blockReader(rpc: Rpc, signal?: AbortSignal): BlockReader {
  const times = new Map<number, number>();
  const timeMs = async (block: number): Promise<number> => {
    const known = times.get(block);
    if (known !== undefined) return known;
    const answer = await rpc.send('eth_getBlockByNumber', [hex(block), false], signal);
    const ms = quantity((answer as { timestamp?: unknown } | null)?.timestamp) * 1000;
    times.set(block, ms);
    return ms;
  };
  return {
    timeMs,
    latest: async () => quantity(await rpc.send('eth_blockNumber', [], signal)),
    async firstAtOrAfter(ms, latest) {
      let [low, high] = [0, latest + 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if ((await timeMs(middle)) < ms) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

async function readTransfer(log: unknown, blocks: BlockReader): Promise<WinningTransfer> {
  // of a node: every member is checked below
  const { topics, data, blockNumber, transactionHash } = log as Record<string, unknown>;
  if (!Array.isArray(topics) || typeof data !== 'string' || typeof transactionHash !== 'string') {
    throw new ChainError('bad-answer', 'a log of the node cannot be read');
  }
  const event = ABI.TicketBroker.parseLog({ topics: topics.map(String), data });
  if (event?.name !== 'WinningTicketTransfer')
    throw new ChainError('bad-answer', 'a log is of another event');
  return {
    transactionHash: transactionHash as Hex, // as the node names it
    recipient: String(event.args['recipient']).toLowerCase() as Hex, // the ABI says address
    amountWei: BigInt(event.args['amount']),
    atMs: await blocks.timeMs(quantity(blockNumber)),
  };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function quantity(value: unknown): number {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,13}$/.test(value)) {
    throw new ChainError('bad-answer', 'the node answered no number');
  }
  return Number(value);
}
