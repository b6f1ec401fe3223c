import type { Hex } from '../types.ts';
import { gasPrice } from './block.ts';
import { type ChainClock, realClock } from './chain-clock.ts';
import { ChainError } from './chain-error.ts';
import { ABI, livepeerContracts } from './contracts.ts';
import { providerRpc, type Rpc, type RpcProvider, urlRpc } from './rpc.ts';
import { type ContractCall, type TransactionSigner, transactionSender } from './transaction.ts';

/** What a sender does with its money on the TicketBroker (chain.md section 2). Amounts in wei. */
export type SenderAction =
  /** Adds to deposit and reserve; cancels an unlock in progress. */
  | { readonly kind: 'fund'; readonly deposit: bigint; readonly reserve: bigint }
  /** Begins the unlock period; tickets redeem until it ends. */
  | { readonly kind: 'unlock' }
  | { readonly kind: 'cancel-unlock' }
  /** Takes out deposit and reserve, after the unlock period. */
  | { readonly kind: 'withdraw' };

/** A transaction that the contract would accept now, and was not sent. */
export interface PreparedTransaction extends ContractCall {
  readonly action: SenderAction;
  /** Estimated gas, and what that costs at the node's present gas price, in wei. */
  readonly gas: bigint;
  readonly costWei: bigint;
}

/** The account of a sender: its own ETH, and its deposit and reserve. Every method may throw `ChainError`. */
export interface SenderAccount {
  readonly address: Hex;
  /** Wei that the account itself has. */
  balance(options?: CallOptions): Promise<bigint>;
  /** Rounds from `unlock` to `withdraw`, and the round that it is now. */
  rounds(options?: CallOptions): Promise<{ readonly unlockPeriod: bigint; readonly current: bigint }>;
  /** Tries the transaction without sending it. @throws ChainError `reverted` with the contract's reason. */
  prepare(action: SenderAction, options?: CallOptions): Promise<PreparedTransaction>;
  /** Sends it and waits until `confirmations` blocks have it, its own counted (default 1). */
  send(
    transaction: PreparedTransaction,
    options?: CallOptions & { readonly confirmations?: number },
  ): Promise<{ readonly transactionHash: Hex; readonly gasUsed: bigint }>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Where the chain is and whose account. */
export type SenderAccountOptions = (
  | { readonly rpcUrl: string; readonly provider?: never }
  | { readonly provider: RpcProvider; readonly rpcUrl?: never }
) & {
  readonly controller: Hex;
  readonly signer: TransactionSigner;
  readonly clock?: ChainClock;
};

const CONFIRMATION_POLL_MS = 1_000;
const CONFIRMATION_TIMEOUT_MS = 600_000;

/** A sender's account over JSON-RPC; nothing is read before the first call. */
export function senderAccount(options: SenderAccountOptions): SenderAccount {
  const { controller, signer, clock = realClock } = options;
  const rpc = options.rpcUrl === undefined ? providerRpc(options.provider) : urlRpc(options.rpcUrl);
  const contracts = livepeerContracts(rpc, controller);
  const send = transactionSender({ rpc, signer, clock });
  const address = signer.address.toLowerCase() as Hex; // an address by the port's contract
  return {
    address,
    async balance({ signal } = {}) {
      return quantity(await rpc.send('eth_getBalance', [address, 'latest'], signal), 'eth_getBalance');
    },
    async rounds({ signal } = {}) {
      const [[unlockPeriod], [current]] = await Promise.all([
        contracts.view('TicketBroker', 'unlockPeriod', [], signal),
        contracts.view('RoundsManager', 'currentRound', [], signal),
      ]);
      return { unlockPeriod: BigInt(unlockPeriod), current: BigInt(current) };
    },
    async prepare(action, { signal } = {}) {
      const to = await contracts.address('TicketBroker', signal);
      const { data, value } = calldata(action);
      const call = { from: address, to, data, value: `0x${value.toString(16)}` };
      // First as a call: it names the contract's reason where an estimate only fails.
      await rpc.send('eth_call', [call, 'latest'], signal);
      const [estimate, price] = await Promise.all([
        rpc.send('eth_estimateGas', [call], signal),
        gasPrice(rpc, signal),
      ]);
      const gas = quantity(estimate, 'eth_estimateGas');
      const gasLimit = (gas * 5n) / 4n; // the state may change until it is mined
      return { action, to, data, value, gas, gasLimit, costWei: gas * price };
    },
    async send(transaction, { signal, confirmations = 1 } = {}) {
      const { to, data, value = 0n, gasLimit } = transaction;
      const { transactionHash, gasUsed } = await send({ to, data, value, gasLimit }, signal);
      await confirmed({ rpc, clock }, transactionHash, confirmations, signal);
      return { transactionHash, gasUsed };
    },
  };
}

function calldata(action: SenderAction): { data: string; value: bigint } {
  const broker = ABI.TicketBroker;
  switch (action.kind) {
    case 'fund': {
      const { deposit, reserve } = action;
      const data = broker.encodeFunctionData('fundDepositAndReserve', [deposit, reserve]);
      return { data, value: deposit + reserve };
    }
    case 'unlock':
      return { data: broker.encodeFunctionData('unlock'), value: 0n };
    case 'cancel-unlock':
      return { data: broker.encodeFunctionData('cancelUnlock'), value: 0n };
    case 'withdraw':
      return { data: broker.encodeFunctionData('withdraw'), value: 0n };
  }
}

/** Waits until the block of a transaction has `confirmations - 1` blocks on it; a block that was replaced counts anew. */
async function confirmed(
  { rpc, clock }: { readonly rpc: Rpc; readonly clock: ChainClock },
  transactionHash: Hex,
  confirmations: number,
  signal?: AbortSignal,
): Promise<void> {
  if (confirmations <= 1) return;
  const until = clock.monotonicNs() + BigInt(CONFIRMATION_TIMEOUT_MS) * 1_000_000n;
  while (clock.monotonicNs() < until) {
    const [receipt, head] = await Promise.all([
      rpc.send('eth_getTransactionReceipt', [transactionHash], signal),
      rpc.send('eth_blockNumber', [], signal),
    ]);
    // null while the transaction waits for a block again
    const mined = receipt as { blockNumber?: unknown } | null;
    if (mined !== null) {
      const depth = quantity(head, 'eth_blockNumber') - quantity(mined.blockNumber, 'the receipt') + 1n;
      if (depth >= BigInt(confirmations)) return;
    }
    await clock.sleep(CONFIRMATION_POLL_MS, signal);
  }
  throw new ChainError('transaction-pending', `mined, but without ${confirmations} confirmations in time`, {
    transactionHash,
  });
}

function quantity(answer: unknown, what: string): bigint {
  if (typeof answer === 'string' && /^0x[0-9a-f]+$/i.test(answer)) return BigInt(answer);
  throw new ChainError('bad-answer', `the node gave no number for ${what}`);
}
