import { keccak256, type TransactionLike } from 'ethers';
import type { Hex } from '../types.ts';
import { gasPrice, latestBlock } from './block.ts';
import type { ChainClock } from './chain-clock.ts';
import { ChainError } from './chain-error.ts';
import type { Rpc } from './rpc.ts';

/** Signs transactions; ethers' `Wallet` fits. */
export interface TransactionSigner {
  readonly address: string;
  signTransaction(transaction: TransactionLike): Promise<string>;
}

/** A mined transaction that succeeded. */
export interface Receipt {
  readonly transactionHash: Hex;
  readonly gasUsed: bigint;
  readonly logs: readonly { readonly address: string; readonly topics: string[]; readonly data: string }[];
}

/** What a transaction does. */
export interface ContractCall {
  readonly to: Hex;
  readonly data: string;
  readonly gasLimit: bigint;
  /** Wei sent along; 0 by default. */
  readonly value?: bigint;
}

interface RawReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly logs: Receipt['logs'];
}

/** How long a receipt is waited for, and how often fees are raised then (chain.md section 7). */
const RECEIPT_MS = 300_000;
const REPLACEMENTS = 1;
const FIRST_POLL_MS = 100;
const LAST_POLL_MS = 4_000;

/** 11 percent more, rounded up: nodes want at least 10 for a replacement. */
const raised = (wei: bigint): bigint => (wei * 111n + 99n) / 100n;

/**
 * Sends transactions of one account, one at a time, and waits for each: the next nonce is always the node's.
 */
export function transactionSender(options: {
  readonly rpc: Rpc;
  readonly signer: TransactionSigner;
  readonly clock: ChainClock;
}): (call: ContractCall, signal?: AbortSignal) => Promise<Receipt> {
  const { rpc, signer, clock } = options;
  let queue: Promise<unknown> = Promise.resolve();

  /** Fee fields: room for the base fee to double; the tip is what `eth_gasPrice` asks above the base fee. */
  const fees = async (signal?: AbortSignal): Promise<TransactionLike> => {
    const [block, price] = await Promise.all([latestBlock(rpc, signal), gasPrice(rpc, signal)]);
    const base = block.baseFeePerGas;
    if (base === undefined) return { type: 0, gasPrice: price };
    const tip = price > base ? price - base : 0n;
    return { type: 2, maxFeePerGas: 2n * base + tip, maxPriorityFeePerGas: tip };
  };

  const receiptOf = async (
    hashes: readonly Hex[],
    signal?: AbortSignal,
  ): Promise<{ hash: Hex; receipt: RawReceipt } | undefined> => {
    const found = await Promise.all(
      hashes.map((hash) => rpc.send('eth_getTransactionReceipt', [hash], signal)),
    );
    for (const [index, hash] of hashes.entries()) {
      const receipt = found[index];
      // The shape is Ethereum's; a node that leaves fields out fails in BigInt below.
      if (typeof receipt === 'object' && receipt !== null) return { hash, receipt: receipt as RawReceipt };
    }
    return undefined;
  };

  /** Polls for one of the hashes; undefined when time is up. Errors of single polls wait for the next. */
  const wait = async (hashes: readonly Hex[], signal?: AbortSignal) => {
    const until = clock.monotonicNs() + BigInt(RECEIPT_MS) * 1_000_000n;
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(2 * pauseMs, LAST_POLL_MS)) {
      try {
        const found = await receiptOf(hashes, signal);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
      }
      if (clock.monotonicNs() >= until) return undefined;
      await clock.sleep(pauseMs, signal);
    }
  };

  const sendNow = async (
    { to, data, gasLimit, value = 0n }: ContractCall,
    signal?: AbortSignal,
  ): Promise<Receipt> => {
    signal?.throwIfAborted();
    const [nonce, chainId, fee] = await Promise.all([
      rpc.send('eth_getTransactionCount', [signer.address, 'pending'], signal),
      rpc.send('eth_chainId', [], signal),
      fees(signal),
    ]);
    let transaction: TransactionLike = {
      ...fee,
      to,
      data,
      gasLimit,
      nonce: Number(nonce),
      chainId: BigInt(String(chainId)),
      value,
    };
    const hashes: Hex[] = [];
    for (let attempt = 0; attempt <= REPLACEMENTS; attempt++) {
      const raw = await signer.signTransaction(transaction);
      const hash = keccak256(raw) as Hex;
      try {
        // Once sent it may be mined, so from here on the hash is kept whatever the node answers.
        hashes.push(hash);
        await rpc.send('eth_sendRawTransaction', [raw], signal);
      } catch (error) {
        const refused = error instanceof ChainError && error.code === 'rejected';
        // A refused first attempt was not sent. A refused replacement often means the first was mined just now.
        if (attempt === 0 && refused) throw error;
        if (signal?.aborted) throw error;
      }
      const mined = await wait(hashes, signal);
      if (mined !== undefined) return receipt(mined.hash, mined.receipt);
      const { gasPrice: price, maxFeePerGas, maxPriorityFeePerGas } = transaction;
      transaction =
        transaction.type === 0
          ? { ...transaction, gasPrice: raised(BigInt(price ?? 0n)) }
          : {
              ...transaction,
              maxFeePerGas: raised(BigInt(maxFeePerGas ?? 0n)),
              maxPriorityFeePerGas: raised(BigInt(maxPriorityFeePerGas ?? 0n)),
            };
    }
    const transactionHash = hashes[0];
    const message = `no receipt after ${hashes.length} attempts; the transaction may still be mined`;
    throw new ChainError('transaction-pending', message, transactionHash && { transactionHash });
  };

  return (call, signal) => {
    const turn = queue.then(() => sendNow(call, signal));
    queue = turn.catch(() => {});
    return turn;
  };
}

function receipt(transactionHash: Hex, raw: RawReceipt): Receipt {
  if (BigInt(raw.status) !== 1n) {
    throw new ChainError('transaction-failed', 'transaction failed: mined and reverted', { transactionHash });
  }
  return { transactionHash, gasUsed: BigInt(raw.gasUsed), logs: raw.logs };
}
