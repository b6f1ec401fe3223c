import { Transaction, Wallet } from 'ethers';
import { expect, it } from 'vitest';
import { ChainError } from './chain-error.ts';
import type { Rpc } from './rpc.ts';
import { transactionSender } from './transaction.ts';

const signer = new Wallet(`0x${'4b'.repeat(32)}`);
const CALL = { to: `0x${'22'.repeat(20)}`, data: '0x', gasLimit: 21_000n } as const;

/** A node that mines when told; its clock jumps over every sleep. */
function node(options: { baseFee?: string; mine: (sent: Transaction[]) => Transaction | undefined }) {
  const sent: Transaction[] = [];
  let nowNs = 0n;
  const rpc: Rpc = {
    async send(method, params) {
      switch (method) {
        case 'eth_getTransactionCount':
          return '0x7';
        case 'eth_chainId':
          return '0x7a69';
        case 'eth_gasPrice':
          return '0x64';
        case 'eth_getBlockByNumber':
          return {
            number: '0x1',
            timestamp: '0x1',
            ...(options.baseFee && { baseFeePerGas: options.baseFee }),
          };
        case 'eth_sendRawTransaction':
          sent.push(Transaction.from(String(params[0])));
          return sent.at(-1)?.hash;
        case 'eth_getTransactionReceipt':
          return options.mine(sent)?.hash === params[0]
            ? { status: '0x1', gasUsed: '0x5208', logs: [] }
            : null;
        default:
          throw new Error(method);
      }
    },
  };
  const clock = {
    monotonicNs: () => nowNs,
    async sleep(ms: number) {
      nowNs += BigInt(ms) * 1_000_000n;
    },
  };
  return { sent, rpc, clock, elapsedMs: () => Number(nowNs / 1_000_000n) };
}

it('offers twice the base fee and the tip that the gas price names', async () => {
  const fake = node({ baseFee: '0x5a', mine: (sent) => sent[0] });
  await transactionSender({ ...fake, signer })(CALL);
  expect(fake.sent).toHaveLength(1);
  expect(fake.sent[0]).toMatchObject({ type: 2, nonce: 7, maxFeePerGas: 190n, maxPriorityFeePerGas: 10n });
});

it('sends a plain gas price where there is no base fee', async () => {
  const fake = node({ mine: (sent) => sent[0] });
  await transactionSender({ ...fake, signer })(CALL);
  expect(fake.sent[0]).toMatchObject({ type: 0, gasPrice: 100n });
});

it('raises the fees by 11 percent after five minutes, with the same nonce, and takes either receipt', async () => {
  const fake = node({ baseFee: '0x5a', mine: (sent) => (sent.length === 2 ? sent[0] : undefined) });
  const receipt = await transactionSender({ ...fake, signer })(CALL);
  expect(fake.sent.map(({ nonce }) => nonce)).toEqual([7, 7]);
  expect(fake.sent[1]).toMatchObject({ maxFeePerGas: 211n, maxPriorityFeePerGas: 12n });
  expect(receipt.transactionHash).toBe(fake.sent[0]?.hash);
  expect(fake.elapsedMs()).toBeGreaterThanOrEqual(300_000);
});

it('gives up after the replacement, and says that it may still come', async () => {
  const fake = node({ baseFee: '0x5a', mine: () => undefined });
  const error: unknown = await transactionSender({ ...fake, signer })(CALL).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChainError);
  expect(error).toMatchObject({ code: 'transaction-pending', transactionHash: fake.sent[0]?.hash });
  expect(fake.sent).toHaveLength(2);
});
