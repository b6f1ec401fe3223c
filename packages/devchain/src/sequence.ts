import type { jsonRpc } from './rpc.ts';

/** A transaction from an account that the node holds the key of. */
export interface Step {
  readonly from: string;
  readonly to?: string;
  readonly data?: string;
  readonly valueWei?: bigint;
  /** What an error calls it. */
  readonly label: string;
}

/** Transactions with nonces kept here, sent together and mined in order in one block. */
export interface Sequence {
  /** The nonce the next transaction of this account takes. */
  nonce(from: string): number;
  add(step: Step): void;
  /**
   * Sends what was added, mines one block, and checks every receipt.
   *
   * @throws `Error` with the label of the first transaction that failed
   */
  run(): Promise<void>;
}

const GAS_LIMIT = '0xb71b00'; // 12 million, well below the block's limit
const GAS_PRICE = '0x1';
const quantity = (value: bigint | number): string => `0x${value.toString(16)}`;

/** A sequence for accounts that have sent nothing yet. The node must mine on demand only. */
export function transactionSequence(rpc: ReturnType<typeof jsonRpc>, signal?: AbortSignal): Sequence {
  const nonces = new Map<string, number>();
  let waiting: { label: string; transaction: Record<string, string> }[] = [];
  const nonce = (from: string): number => nonces.get(from) ?? 0;
  return {
    nonce,
    add({ from, to, data, valueWei = 0n, label }) {
      const transaction = {
        from,
        ...(to === undefined ? {} : { to }),
        ...(data === undefined ? {} : { data }),
        value: quantity(valueWei),
        nonce: quantity(nonce(from)),
        gas: GAS_LIMIT,
        gasPrice: GAS_PRICE,
      };
      nonces.set(from, nonce(from) + 1);
      waiting.push({ label, transaction });
    },
    async run() {
      const steps = waiting;
      waiting = [];
      const hashes = await rpc(
        steps.map(({ transaction }) => ({ method: 'eth_sendTransaction', params: [transaction] })),
        signal,
      );
      await rpc([{ method: 'evm_mine' }], signal);
      const receipts = await rpc(
        hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
        signal,
      );
      receipts.forEach((receipt, index) => {
        const status = (receipt as { status?: string } | null)?.status;
        if (status !== '0x1') throw new Error(`${steps[index]?.label}: ${status ?? 'not mined'}`);
      });
    },
  };
}
