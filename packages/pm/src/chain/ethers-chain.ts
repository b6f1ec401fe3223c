import { Wallet } from 'ethers';
import type { Hex } from '../types.ts';
import { type ChainClock, realClock } from './chain-clock.ts';
import { ChainError } from './chain-error.ts';
import { livepeerContracts } from './contracts.ts';
import { poolReader } from './orchestrator-pool.ts';
import type { Chain } from './port.ts';
import { readPriceFeed } from './price-feed.ts';
import { readHead } from './read-head.ts';
import { redeemWinner } from './redeem.ts';
import { providerRpc, type RpcProvider, urlRpc } from './rpc.ts';
import { type TransactionSigner, transactionSender } from './transaction.ts';

/** Where the chain is and what may be done on it. */
export type EthersChainOptions = (
  | { readonly rpcUrl: string; readonly provider?: never }
  | { readonly provider: RpcProvider; readonly rpcUrl?: never }
) & {
  /** Address of Livepeer's Controller; everything else is looked up there, once. */
  readonly controller: Hex;
  /** Pays for and sends transactions; without it `redeem` throws. {@link transactionKey} makes one of a key. */
  readonly signer?: TransactionSigner;
  /** Address of a Chainlink feed, ETH / USD or USD / ETH. */
  readonly priceFeed?: Hex;
  /** Oldest answer of the feed to be used; 25 hours by default, a little above the feed's own heartbeat. */
  readonly priceMaxAgeSeconds?: bigint;
  readonly clock?: ChainClock;
};

const DEFAULT_PRICE_MAX_AGE = 90_000n;

/** A signer of transactions from a private key in memory. */
export const transactionKey = (privateKey: Hex): TransactionSigner => new Wallet(privateKey);

/**
 * Livepeer's contracts over JSON-RPC. Nothing is read before the first call; nothing is cached but the addresses of
 * contracts. Calls made in one turn of the event loop leave as one batch when a URL is given.
 *
 * @throws every method: {@link ChainError}; the reason of an aborted signal
 */
export function ethersChain(options: EthersChainOptions): Chain {
  const { controller, signer, priceFeed, clock = realClock } = options;
  const rpc = options.rpcUrl === undefined ? providerRpc(options.provider) : urlRpc(options.rpcUrl);
  const contracts = livepeerContracts(rpc, controller);
  const readPool = poolReader(contracts);
  const send = signer === undefined ? undefined : transactionSender({ rpc, signer, clock });
  return {
    head: ({ signal } = {}) => readHead(rpc, contracts, signal),
    async senderInfo(sender, { signal } = {}) {
      const [money, reserve] = await contracts.view('TicketBroker', 'getSenderInfo', [sender], signal);
      return {
        deposit: BigInt(money.deposit),
        withdrawRound: BigInt(money.withdrawRound),
        reserve: {
          fundsRemaining: BigInt(reserve.fundsRemaining),
          claimedInCurrentRound: BigInt(reserve.claimedInCurrentRound),
        },
      };
    },
    async claimedReserve(holder, claimant, { signal } = {}) {
      const [wei] = await contracts.view('TicketBroker', 'claimedReserve', [holder, claimant], signal);
      return BigInt(wei);
    },
    async registration(orchestrator, { signal } = {}) {
      const [[registered], transcoder] = await Promise.all([
        contracts.view('BondingManager', 'isRegisteredTranscoder', [orchestrator], signal),
        contracts.view('BondingManager', 'getTranscoder', [orchestrator], signal),
      ]);
      return {
        registered: Boolean(registered),
        activationRound: BigInt(transcoder['activationRound']),
        deactivationRound: BigInt(transcoder['deactivationRound']),
      };
    },
    async ticketValidityPeriod({ signal } = {}) {
      const [rounds] = await contracts.view('TicketBroker', 'ticketValidityPeriod', [], signal);
      return BigInt(rounds);
    },
    async isTicketUsed(ticketHash, { signal } = {}) {
      const [used] = await contracts.view('TicketBroker', 'usedTickets', [ticketHash], signal);
      return Boolean(used);
    },
    async redeem(winner, { gasLimit, signal }) {
      if (signer === undefined || send === undefined) {
        throw new ChainError('no-signer', 'redeeming needs a key that pays for gas; give `signer`');
      }
      const limits = signal === undefined ? { gasLimit } : { gasLimit, signal };
      return redeemWinner({ rpc, contracts, from: signer.address, send }, winner, limits);
    },
    orchestrators: ({ signal } = {}) => readPool(signal),
    async weiPerUsd({ signal } = {}) {
      if (priceFeed === undefined) {
        throw new ChainError('no-price-feed', 'give `priceFeed`, the address of a Chainlink ETH / USD feed');
      }
      return readPriceFeed(rpc, priceFeed, options.priceMaxAgeSeconds ?? DEFAULT_PRICE_MAX_AGE, signal);
    },
  };
}
