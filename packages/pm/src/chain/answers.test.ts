import { AbiCoder, id } from 'ethers';
import { expect, it } from 'vitest';
import { latestBlock } from './block.ts';
import { ethersChain, type RpcProvider } from './index.ts';
import { providerRpc } from './rpc.ts';

const encode = (types: string[], values: unknown[]): string =>
  AbiCoder.defaultAbiCoder().encode(types, values);
const address = (number: number): string => `0x${number.toString(16).padStart(40, '0')}`;
const selector = (signature: string): string => id(signature).slice(0, 10);

/** A node that answers calls by their selector, and everything else by method. */
function fakeNode(calls: Record<string, (data: string) => string>, methods: Record<string, unknown> = {}) {
  const provider: RpcProvider = {
    async send(method, params) {
      if (method !== 'eth_call') return methods[method];
      const { data } = params[0] as { data: string };
      if (data.startsWith(selector('getContract(bytes32)'))) return encode(['address'], [address(9)]);
      const answer = Object.entries(calls).find(([signature]) => data.startsWith(selector(signature)));
      return answer?.[1](data) ?? '0x';
    },
  };
  return ethersChain({ provider, controller: `0x${'11'.repeat(20)}`, priceFeed: `0x${'22'.repeat(20)}` });
}

it('takes the L1 block number where the chain tells it', async () => {
  const block = (fields: Record<string, string>) =>
    latestBlock(providerRpc({ send: async () => ({ number: '0xffff', timestamp: '0x5', ...fields }) }));
  expect(await block({ l1BlockNumber: '0x10', baseFeePerGas: '0x7' })).toEqual({
    l1Block: 16n,
    timestamp: 5n,
    baseFeePerGas: 7n,
  });
  expect(await block({})).toEqual({ l1Block: 65_535n, timestamp: 5n, baseFeePerGas: undefined });
});

it.each([null, {}, { number: 'x' }, 7])('refuses %o as a block', async (answer) => {
  const rpc = providerRpc({ send: async () => answer });
  await expect(latestBlock(rpc)).rejects.toMatchObject({ code: 'bad-answer' });
});

it('gives up a pool that has no end', async () => {
  const chain = fakeNode({
    'getFirstTranscoderInPool()': () => encode(['address'], [address(1)]),
    'getNextTranscoderInPool(address)': (data) => encode(['address'], [address(data.endsWith('1') ? 2 : 1)]),
  });
  await expect(chain.orchestrators()).rejects.toMatchObject({ code: 'bad-answer' });
});

it('gives zeros for the hash of the round before round 0', async () => {
  const chain = fakeNode(
    {
      'lastInitializedRound()': () => encode(['uint256'], [0n]),
      'currentRoundInitialized()': () => encode(['bool'], [true]),
      'getTranscoderPoolSize()': () => encode(['uint256'], [0n]),
      'blockHashForRound(uint256)': () => `0x${'ab'.repeat(32)}`,
    },
    { eth_getBlockByNumber: { number: '0x1', timestamp: '0x1' }, eth_gasPrice: '0x0' },
  );
  expect(await chain.head()).toMatchObject({
    roundBlockHash: `0x${'ab'.repeat(32)}`,
    previousRoundBlockHash: `0x${'00'.repeat(32)}`,
    poolSize: 0n,
    gasPrice: 0n,
  });
});

it('asks for each address once, and again after a failure', async () => {
  const asked: string[] = [];
  let broken = true;
  const provider: RpcProvider = {
    async send(_method, params) {
      const { data } = params[0] as { data: string };
      asked.push(data.slice(0, 10));
      if (broken) throw new Error('no route');
      return encode(['uint256'], [data.startsWith(selector('getContract(bytes32)')) ? 9n : 2n]);
    },
  };
  const chain = ethersChain({ provider, controller: `0x${'11'.repeat(20)}` });
  await expect(chain.ticketValidityPeriod()).rejects.toMatchObject({ code: 'unreachable' });
  broken = false;
  expect(await Promise.all([chain.ticketValidityPeriod(), chain.ticketValidityPeriod()])).toEqual([2n, 2n]);
  expect(await chain.ticketValidityPeriod()).toBe(2n);
  const lookUp = selector('getContract(bytes32)');
  const view = selector('ticketValidityPeriod()');
  expect(asked).toEqual([lookUp, lookUp, view, view, view]);
});

it('says that a Controller does not know a contract', async () => {
  const provider: RpcProvider = { send: async () => encode(['address'], [address(0)]) };
  const chain = ethersChain({ provider, controller: `0x${'11'.repeat(20)}` });
  await expect(chain.ticketValidityPeriod()).rejects.toMatchObject({
    code: 'unknown-contract',
    message: expect.stringContaining('TicketBroker'),
  });
});

it('refuses a feed with absurd decimals', async () => {
  const chain = fakeNode(
    {
      'decimals()': () => encode(['uint8'], [255]),
      'description()': () => encode(['string'], ['ETH / USD']),
      'latestRoundData()': () =>
        encode(['uint80', 'int256', 'uint256', 'uint256', 'uint80'], [1, 1, 1, 1, 1]),
    },
    { eth_getBlockByNumber: { number: '0x1', timestamp: '0x1' } },
  );
  await expect(chain.weiPerUsd()).rejects.toMatchObject({ code: 'bad-price' });
});

it('ends a call that hangs when its signal aborts', async () => {
  const chain = ethersChain({
    provider: { send: () => new Promise(() => {}) },
    controller: `0x${'11'.repeat(20)}`,
  });
  const stop = new AbortController();
  const reason = new Error('too slow');
  const reading = chain.head({ signal: stop.signal });
  stop.abort(reason);
  await expect(reading).rejects.toBe(reason);
});
