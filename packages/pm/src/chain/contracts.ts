import { Interface, id, type Result } from 'ethers';
import type { Hex } from '../types.ts';
import { abortable } from './abortable.ts';
import { ChainError } from './chain-error.ts';
import type { Rpc } from './rpc.ts';

const TICKET =
  'tuple(address recipient, address sender, uint256 faceValue, uint256 winProb, uint256 senderNonce, bytes32 recipientRandHash, bytes auxData)';

/** What is called of each contract (chain.md sections 2, 8, 9, 10). */
export const ABI = {
  Controller: new Interface(['function getContract(bytes32 id) view returns (address)']),
  TicketBroker: new Interface([
    'function getSenderInfo(address) view returns (tuple(uint256 deposit, uint256 withdrawRound) sender, tuple(uint256 fundsRemaining, uint256 claimedInCurrentRound) reserve)',
    'function claimedReserve(address reserveHolder, address claimant) view returns (uint256)',
    'function ticketValidityPeriod() view returns (uint256)',
    'function usedTickets(bytes32) view returns (bool)',
    `function redeemWinningTicket(${TICKET} ticket, bytes sig, uint256 recipientRand)`,
    'function unlockPeriod() view returns (uint256)',
    'function fundDepositAndReserve(uint256 depositAmount, uint256 reserveAmount) payable',
    'function unlock()',
    'function cancelUnlock()',
    'function withdraw()',
    'event WinningTicketTransfer(address indexed sender, address indexed recipient, uint256 amount)',
  ]),
  RoundsManager: new Interface([
    'function lastInitializedRound() view returns (uint256)',
    'function currentRound() view returns (uint256)',
    'function currentRoundInitialized() view returns (bool)',
    'function blockHashForRound(uint256) view returns (bytes32)',
  ]),
  BondingManager: new Interface([
    'function getTranscoderPoolSize() view returns (uint256)',
    'function getFirstTranscoderInPool() view returns (address)',
    'function getNextTranscoderInPool(address) view returns (address)',
    'function isRegisteredTranscoder(address) view returns (bool)',
    'function getTranscoder(address) view returns (uint256 lastRewardRound, uint256 rewardCut, uint256 feeShare, uint256 lastActiveStakeUpdateRound, uint256 activationRound, uint256 deactivationRound, uint256 activeCumulativeRewards, uint256 cumulativeRewards, uint256 cumulativeFees, uint256 lastFeeRound)',
  ]),
  ServiceRegistry: new Interface(['function getServiceURI(address) view returns (string)']),
  PriceFeed: new Interface([
    'function decimals() view returns (uint8)',
    'function description() view returns (string)',
    'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  ]),
};

/** Contracts that the Controller knows by name. */
export type ContractName = 'TicketBroker' | 'RoundsManager' | 'BondingManager' | 'ServiceRegistry';

/** View calls on Livepeer's contracts. */
export interface Contracts {
  /** Address of a contract, looked up once. @throws ChainError */
  address(name: ContractName, signal?: AbortSignal): Promise<Hex>;
  /** Results of a view call, as ethers decodes them. @throws ChainError */
  view(name: ContractName, method: string, args: readonly unknown[], signal?: AbortSignal): Promise<Result>;
}

/**
 * One view call on an address.
 *
 * @throws ChainError `bad-answer` when the result does not decode; what {@link Rpc.send} throws.
 */
export async function viewCall(
  rpc: Rpc,
  to: string,
  abi: Interface,
  call: { readonly method: string; readonly args: readonly unknown[] },
  signal?: AbortSignal,
): Promise<Result> {
  const data = abi.encodeFunctionData(call.method, call.args);
  const answer = await rpc.send('eth_call', [{ to, data }, 'latest'], signal);
  try {
    return abi.decodeFunctionResult(call.method, String(answer));
  } catch (cause) {
    throw new ChainError('bad-answer', `${to} does not answer ${call.method}; check the address`, { cause });
  }
}

/** The contracts behind a Controller (chain.md section 1). Each address is asked for once; a failure is not kept. */
export function livepeerContracts(rpc: Rpc, controller: Hex): Contracts {
  const known = new Map<ContractName, Promise<Hex>>();
  const lookUp = async (name: ContractName): Promise<Hex> => {
    const [found] = await viewCall(rpc, controller, ABI.Controller, {
      method: 'getContract',
      args: [id(name)],
    });
    // The ABI says address: ethers gives 0x and 40 digits.
    const address = String(found).toLowerCase() as Hex;
    if (BigInt(address) === 0n) {
      throw new ChainError('unknown-contract', `the Controller ${controller} does not know ${name}`);
    }
    return address;
  };
  const address = async (name: ContractName, signal?: AbortSignal): Promise<Hex> => {
    signal?.throwIfAborted();
    let wanted = known.get(name);
    if (wanted === undefined) {
      // Without the signal: others wait for the same answer.
      wanted = lookUp(name).catch((error: unknown) => {
        known.delete(name);
        throw error;
      });
      known.set(name, wanted);
    }
    return abortable(wanted, signal);
  };
  return {
    address,
    async view(name, method, args, signal) {
      return viewCall(rpc, await address(name, signal), ABI[name], { method, args }, signal);
    },
  };
}
