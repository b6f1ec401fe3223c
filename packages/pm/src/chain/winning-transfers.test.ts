import { AbiCoder, zeroPadValue } from 'ethers';
import { expect, test } from 'vitest';
import { ABI } from './contracts.ts';
import type { RpcProvider } from './rpc.ts';
import { winningTransfers } from './winning-transfers.ts';

const SENDER = `0x${'aa'.repeat(20)}` as const;
const RECIPIENT = `0x${'bb'.repeat(20)}` as const;
const BROKER = `0x${'cc'.repeat(20)}`;
const CONTROLLER = `0x${'dd'.repeat(20)}` as const;
/** One block every ten seconds, from 1,000 s on. */
const BLOCKS = 25_000;

/** A node with one transfer in each of some blocks, that answers for at most `most` blocks at once. */
function node(
  blocks: readonly number[],
  most: number,
  refusal: object = { error: { code: -32_005, message: 'too many blocks' } },
): RpcProvider & { asked: number } {
  const topic = ABI.TicketBroker.getEvent('WinningTicketTransfer')?.topicHash;
  const provider = {
    asked: 0,
    async send(method: string, params: unknown[]): Promise<unknown> {
      const [first] = params as [never];
      if (method === 'eth_blockNumber') return `0x${BLOCKS.toString(16)}`;
      if (method === 'eth_getBlockByNumber')
        return { timestamp: `0x${(1000 + Number(first) * 10).toString(16)}` };
      if (method === 'eth_call') return zeroPadValue(BROKER, 32);
      expect(method).toBe('eth_getLogs');
      provider.asked += 1;
      const { address, topics, fromBlock, toBlock } = first as Record<string, string>;
      expect(address).toBe(BROKER);
      expect(topics).toEqual([topic, zeroPadValue(SENDER, 32)]);
      if (Number(toBlock) - Number(fromBlock) + 1 > most) {
        throw Object.assign(new Error('refused'), refusal);
      }
      return blocks
        .filter((block) => block >= Number(fromBlock) && block <= Number(toBlock))
        .map((block) => ({
          topics: [topic, zeroPadValue(SENDER, 32), zeroPadValue(RECIPIENT, 32)],
          data: AbiCoder.defaultAbiCoder().encode(['uint256'], [block]),
          blockNumber: `0x${block.toString(16)}`,
          transactionHash: `0x${block.toString(16).padStart(64, '0')}`,
        }));
    },
  };
  return provider;
}

test.each([10_000, 700])(
  'finds what was paid in a period, from a node that answers %i blocks at once',
  async (most) => {
    const provider = node([0, 99, 100, 12_345, 20_099, 20_100, 24_999], most);
    const found = await winningTransfers({
      provider,
      controller: CONTROLLER,
      sender: SENDER,
      fromMs: 2_000_000, // block 100
      toMs: 202_000_000, // block 20,100
    });
    expect(found.map(({ amountWei }) => amountWei)).toEqual([100n, 12_345n, 20_099n]);
    expect(found[0]).toMatchObject({ recipient: RECIPIENT, atMs: 2_000_000 });
  },
);

const period = { fromMs: 2_000_000, toMs: 202_000_000 };

test.each([{ code: 'SERVER_ERROR' }, { code: 'TIMEOUT' }])(
  'a node that answers too many blocks with %j is asked for fewer, later for more again',
  async (refusal) => {
    const provider = node([100, 12_345, 20_099], 700, refusal);
    const found = await winningTransfers({ provider, controller: CONTROLLER, sender: SENDER, ...period });
    expect(found.map(({ amountWei }) => amountWei)).toEqual([100n, 12_345n, 20_099n]);
    expect(provider.asked).toBeLessThan(50); // 32 answers of 625 blocks, and what was refused

    const free = node([100], 10_000);
    let refusals = 9;
    const busy: RpcProvider = {
      send: (method, params) =>
        method === 'eth_getLogs' && refusals-- > 0
          ? Promise.reject(Object.assign(new Error('busy'), refusal))
          : free.send(method, params),
    };
    expect(
      await winningTransfers({ provider: busy, controller: CONTROLLER, sender: SENDER, ...period }),
    ).toHaveLength(1);
    expect(free.asked).toBeLessThan(120); // 20 blocks at once would take 1,000 answers
  },
);

test('a node that is away is not asked for fewer blocks', async () => {
  const provider = node([100], 0, { code: 'ECONNREFUSED' });
  await expect(
    winningTransfers({ provider, controller: CONTROLLER, sender: SENDER, ...period }),
  ).rejects.toMatchObject({ code: 'unreachable' });
  expect(provider.asked).toBe(1);
});

test('a period after the last block has none', async () => {
  const provider = node([24_999], 10_000);
  const later = { fromMs: 1e15, toMs: 2e15 };
  expect(await winningTransfers({ provider, controller: CONTROLLER, sender: SENDER, ...later })).toEqual([]);
  expect(provider.asked).toBe(0);
});
