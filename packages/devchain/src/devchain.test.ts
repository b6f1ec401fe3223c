import { Contract, JsonRpcProvider } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Devchain, startDevchain } from './index.ts';

const ETHER = 10n ** 18n;
let chain: Devchain;
let provider: JsonRpcProvider;
const at = (address: string, ...abi: string[]): Contract => new Contract(address, abi, provider);
const call = (contract: Contract, name: string, ...args: unknown[]): Promise<unknown> =>
  contract.getFunction(name)(...args) as Promise<unknown>;

beforeAll(async () => {
  chain = await startDevchain({ serviceUris: ['https://one.example:8935'] });
  provider = new JsonRpcProvider(chain.rpcUrl, undefined, { cacheTimeout: -1, staticNetwork: true });
});
afterAll(async () => {
  provider?.destroy();
  await chain?.close();
});

describe('a fresh chain', () => {
  it('stands in an initialised round 2', async () => {
    const rounds = at(
      chain.contracts.roundsManager,
      'function currentRound() view returns (uint256)',
      'function currentRoundInitialized() view returns (bool)',
      'function blockHashForRound(uint256) view returns (bytes32)',
    );
    expect(await call(rounds, 'currentRound')).toBe(2n);
    expect(await call(rounds, 'currentRoundInitialized')).toBe(true);
    expect(await call(rounds, 'blockHashForRound', 2n)).not.toMatch(/^0x0+$/);
  });

  it('has two active orchestrators of equal stake', async () => {
    const bonding = at(
      chain.contracts.bondingManager,
      'function isActiveTranscoder(address) view returns (bool)',
      'function transcoderTotalStake(address) view returns (uint256)',
      'function getTranscoderPoolSize() view returns (uint256)',
    );
    expect(await call(bonding, 'getTranscoderPoolSize')).toBe(2n);
    for (const { address } of chain.accounts.orchestrators) {
      expect(await call(bonding, 'isActiveTranscoder', address)).toBe(true);
      expect(await call(bonding, 'transcoderTotalStake', address)).toBe(1_000n * ETHER);
    }
  });

  it('has a sender with deposit and reserve, and takes more', async () => {
    const broker = at(
      chain.contracts.ticketBroker,
      'function getSenderInfo(address) view returns (tuple(uint256 deposit, uint256 withdrawRound) sender, tuple(uint256 fundsRemaining, uint256 claimedInCurrentRound) reserve)',
    );
    const info = async (): Promise<unknown> => call(broker, 'getSenderInfo', chain.accounts.sender.address);
    expect(await info()).toEqual([
      [1_500_000_000_000_000_000n, 0n],
      [2_100_000_000_000_000_000n, 0n],
    ]);
    await chain.fundSender({ deposit: ETHER, reserve: 1n });
    expect(await info()).toEqual([
      [2_500_000_000_000_000_000n, 0n],
      [2_100_000_000_000_000_001n, 0n],
    ]);
  });

  it('keeps service URIs', async () => {
    const registry = at(
      chain.contracts.serviceRegistry,
      'function getServiceURI(address) view returns (string)',
    );
    const [one, two] = chain.accounts.orchestrators;
    expect(await call(registry, 'getServiceURI', one.address)).toBe('https://one.example:8935');
    expect(await call(registry, 'getServiceURI', two.address)).toBe('');
    await chain.setServiceUri(1, 'http://127.0.0.1:9');
    expect(await call(registry, 'getServiceURI', two.address)).toBe('http://127.0.0.1:9');
  });

  it('quotes one wei of gas', async () => {
    expect(BigInt(String(await provider.send('eth_gasPrice', [])))).toBe(1n);
  });
});

describe('the price feed', () => {
  const feed = () =>
    at(
      chain.priceFeed,
      'function decimals() view returns (uint8)',
      'function description() view returns (string)',
      'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
    );

  it('answers like Chainlink, as fresh as the latest block', async () => {
    expect(await call(feed(), 'decimals')).toBe(8n);
    expect(await call(feed(), 'description')).toBe('ETH / USD');
    const block = await provider.getBlock('latest');
    const [, answer, , updatedAt] = (await call(feed(), 'latestRoundData')) as bigint[];
    expect(answer).toBe(200_000_000_000n);
    expect(updatedAt).toBe(BigInt(block?.timestamp ?? 0));
  });

  it('takes another answer, also a wrong and an old one', async () => {
    await chain.setPrice({ description: 'USD / ETH', decimals: 18, answer: -5n, updatedAt: 1_700_000_000n });
    expect(await call(feed(), 'decimals')).toBe(18n);
    expect(await call(feed(), 'description')).toBe('USD / ETH');
    const data = await call(feed(), 'latestRoundData');
    expect(data).toEqual([1n, -5n, 1_700_000_000n, 1_700_000_000n, 1n]);
  });

  it('reverts on anything else', async () => {
    const other = at(chain.priceFeed, 'function version() view returns (uint256)');
    await expect(call(other, 'version')).rejects.toMatchObject({ code: 'CALL_EXCEPTION' });
  });
});

describe('rounds', () => {
  it('move with the blocks and are initialised once', async () => {
    await chain.mineToNextRound();
    expect((await chain.blockNumber()) % 50n).toBe(0n);
    expect(await chain.initializeRound()).toBe(true);
    expect(await chain.initializeRound()).toBe(false);
  });
});

it('stops at an aborted start', async () => {
  const reason = new Error('enough');
  await expect(startDevchain({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

it('ends the node on close', async () => {
  const other = await startDevchain();
  await other.close();
  expect(() => process.kill(other.pid, 0)).toThrow('ESRCH');
});

it('mines by itself where a block time is given, and still answers its own calls at once', async () => {
  await using timed = await startDevchain({ blockTimeSeconds: 1, roundLength: 20 });
  await timed.fundSender({ deposit: 1n });
  const before = await timed.blockNumber();
  await expect.poll(() => timed.blockNumber(), { timeout: 10_000 }).toBeGreaterThan(before);
});
