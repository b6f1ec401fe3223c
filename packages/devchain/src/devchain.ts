import { setTimeout } from 'node:timers/promises';
import { DEV_ACCOUNTS, type DevAccount } from './accounts.ts';
import { startAnvil } from './anvil.ts';
import { type Contracts, deployContracts, interfaces } from './deployment.ts';
import { type FeedAnswer, priceFeedCode } from './price-feed.ts';
import { jsonRpc } from './rpc.ts';
import { transactionSequence } from './sequence.ts';

/** How a development chain starts. Amounts in wei. */
export interface DevchainOptions {
  /** A block every so many seconds, as on a live chain. Without it every transaction is mined at once. */
  readonly blockTimeSeconds?: number;
  /** Blocks per round; 50 by default. */
  readonly roundLength?: number;
  /** The sender's deposit; 1.5 ETH by default. */
  readonly deposit?: bigint;
  /** The sender's reserve; 2.1 ETH by default. */
  readonly reserve?: bigint;
  /** Service URIs of the two orchestrators; set later with {@link Devchain.setServiceUri} where left out. */
  readonly serviceUris?: readonly [string?, string?];
  /** What the price feed answers; 2,000 USD for one ETH by default. */
  readonly price?: FeedAnswer;
  /** Ends the chain. */
  readonly signal?: AbortSignal;
}

/** A local chain with Livepeer's contracts, two active orchestrators of equal stake and a funded sender. */
export interface Devchain {
  readonly rpcUrl: string;
  readonly chainId: bigint;
  readonly controller: string;
  readonly contracts: Contracts;
  /** ETH / USD. */
  readonly priceFeed: string;
  readonly accounts: {
    readonly deployer: DevAccount;
    readonly sender: DevAccount;
    readonly orchestrators: readonly [DevAccount, DevAccount];
    /** Has ETH and no part in the protocol. */
    readonly outsider: DevAccount;
  };
  /** Process id of the node. */
  readonly pid: number;
  /** Fulfilled when the node is gone, asked for or not. */
  readonly exited: Promise<void>;
  /** Mines empty blocks, and what waits. */
  mine(blocks?: number): Promise<void>;
  /** Block number now. */
  blockNumber(): Promise<bigint>;
  /** Mines up to the first block of the next round without initialising it. */
  mineToNextRound(): Promise<void>;
  /** Initialises the current round; `false` when it is already. */
  initializeRound(): Promise<boolean>;
  /** More deposit and reserve for the sender; wei. */
  fundSender(amounts: { deposit?: bigint; reserve?: bigint }): Promise<void>;
  setServiceUri(orchestrator: 0 | 1, uri: string): Promise<void>;
  setPrice(price: FeedAnswer): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const ETHER = 10n ** 18n;
const STAKE = 1_000n * ETHER;
const PRICE_FEED = '0x00000000000000000000000000000000000f33d0';
const TWO_THOUSAND: FeedAnswer = { description: 'ETH / USD', decimals: 8, answer: 2_000n * 10n ** 8n };
const GAS = '0xb71b00';
const RECEIPT_ATTEMPTS = 200;
const RECEIPT_PAUSE_MS = 10;

/**
 * Starts a node, deploys the contracts and brings them to an initialised round 2 in which both orchestrators are
 * active and the sender has deposit and reserve. The keys are the published ones of {@link DEV_ACCOUNTS}.
 *
 * @throws `Error` when the node does not start or a set-up transaction fails
 */
export async function startDevchain(options: DevchainOptions = {}): Promise<Devchain> {
  const { signal, roundLength = 50, deposit = (3n * ETHER) / 2n, reserve = (21n * ETHER) / 10n } = options;
  const [deployer, sender, first, second, outsider] = DEV_ACCOUNTS;
  const orchestrators = [first, second] as const;
  const anvil = await startAnvil(signal === undefined ? {} : { signal });
  const rpc = jsonRpc(anvil.rpcUrl);
  const one = async (method: string, ...params: unknown[]): Promise<unknown> =>
    (await rpc([{ method, params }]))[0];
  const mine = async (blocks = 1): Promise<void> => {
    await one('anvil_mine', `0x${blocks.toString(16)}`);
  };
  const blockNumber = async (): Promise<bigint> => BigInt(String(await one('eth_blockNumber')));
  const mineToNextRound = async (): Promise<void> => {
    await mine(roundLength - Number((await blockNumber()) % BigInt(roundLength)));
  };

  try {
    const sequence = transactionSequence(rpc, signal);
    const { contracts, supplyCache } = deployContracts(sequence, deployer.address, {
      roundLength,
      tokensFor: orchestrators.map(({ address }) => address),
      tokens: STAKE,
    });
    await rpc([
      { method: 'anvil_setCode', params: [supplyCache.address, supplyCache.code] },
      { method: 'anvil_setCode', params: [PRICE_FEED, priceFeedCode(options.price ?? TWO_THOUSAND)] },
    ]);
    await sequence.run();

    const [token, broker, rounds, bonding, registry] = [
      interfaces.token(),
      interfaces.broker(),
      interfaces.rounds(),
      interfaces.bonding(),
      interfaces.registry(),
    ];
    const initialize = {
      from: deployer.address,
      to: contracts.roundsManager,
      data: rounds.encodeFunctionData('initializeRound'),
      label: 'initializeRound',
    };
    await mineToNextRound();
    sequence.add(initialize);
    orchestrators.forEach(({ address: from }, index) => {
      const add = (to: string, data: string, label: string): void => sequence.add({ from, to, data, label });
      const { bondingManager, livepeerToken, serviceRegistry } = contracts;
      add(livepeerToken, token.encodeFunctionData('approve', [bondingManager, STAKE]), 'approve');
      add(bondingManager, bonding.encodeFunctionData('bond', [STAKE, from]), 'bond');
      add(bondingManager, bonding.encodeFunctionData('transcoder', [100_000, 1_000_000]), 'transcoder');
      const uri = options.serviceUris?.[index];
      if (uri !== undefined)
        add(serviceRegistry, registry.encodeFunctionData('setServiceURI', [uri]), 'setServiceURI');
    });
    sequence.add({
      from: sender.address,
      to: contracts.ticketBroker,
      data: broker.encodeFunctionData('fundDepositAndReserve', [deposit, reserve]),
      valueWei: deposit + reserve,
      label: 'fundDepositAndReserve',
    });
    await sequence.run();
    await mineToNextRound();
    sequence.add(initialize);
    await sequence.run();

    const { blockTimeSeconds } = options;
    await (blockTimeSeconds === undefined
      ? one('evm_setAutomine', true)
      : one('evm_setIntervalMining', blockTimeSeconds));

    /** Sends from an account of the node and waits for the block it is mined in. */
    const send = async (from: string, to: string, data: string, valueWei = 0n): Promise<void> => {
      const value = `0x${valueWei.toString(16)}`;
      const hash = await one('eth_sendTransaction', { from, to, data, value, gas: GAS, gasPrice: '0x1' });
      if (blockTimeSeconds !== undefined) await mine();
      let receipt: { status: string } | null = null;
      for (let attempt = 0; receipt === null && attempt < RECEIPT_ATTEMPTS; attempt++) {
        // A node that mines at once still answers a moment before it has done so.
        if (attempt > 0) await setTimeout(RECEIPT_PAUSE_MS, undefined, signal && { signal });
        receipt = (await one('eth_getTransactionReceipt', hash)) as { status: string } | null;
      }
      if (receipt === null) throw new Error(`transaction ${String(hash)} was not mined`);
      if (receipt.status !== '0x1') {
        // Asking again as a call makes the node name the reason.
        await one('eth_call', { from, to, data, value }, 'latest');
        throw new Error(`transaction ${String(hash)} failed`);
      }
    };
    const close = (): Promise<void> => anvil.close();
    return {
      rpcUrl: anvil.rpcUrl,
      chainId: 31_337n,
      controller: contracts.controller,
      contracts,
      priceFeed: PRICE_FEED,
      accounts: { deployer, sender, orchestrators, outsider },
      pid: anvil.pid,
      exited: anvil.exited,
      mine,
      blockNumber,
      mineToNextRound,
      async initializeRound() {
        const to = contracts.roundsManager;
        const data = rounds.encodeFunctionData('currentRoundInitialized');
        if (BigInt(String(await one('eth_call', { to, data }, 'latest'))) === 1n) return false;
        await send(deployer.address, to, initialize.data);
        return true;
      },
      async fundSender({ deposit: more = 0n, reserve: moreReserve = 0n }) {
        const data = broker.encodeFunctionData('fundDepositAndReserve', [more, moreReserve]);
        await send(sender.address, contracts.ticketBroker, data, more + moreReserve);
      },
      async setServiceUri(orchestrator, uri) {
        const { address } = orchestrators[orchestrator];
        await send(address, contracts.serviceRegistry, registry.encodeFunctionData('setServiceURI', [uri]));
      },
      async setPrice(price) {
        await one('anvil_setCode', PRICE_FEED, priceFeedCode(price));
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}
