import { getCreateAddress, Interface, id } from 'ethers';
import { answeringContract } from './answering-contract.ts';
import { type Artifact, readArtifact } from './artifact.ts';
import type { Sequence } from './sequence.ts';

/** Addresses of the contracts, those behind a proxy by the proxy's. */
export interface Contracts {
  readonly controller: string;
  readonly livepeerToken: string;
  readonly minter: string;
  readonly bondingManager: string;
  readonly ticketBroker: string;
  readonly roundsManager: string;
  readonly serviceRegistry: string;
}

/** Interfaces of the contracts that set-up and tests call. */
export const interfaces = {
  token: () => readArtifact('token/LivepeerToken').abi,
  broker: () => readArtifact('pm/TicketBroker').abi,
  rounds: () => readArtifact('rounds/RoundsManager').abi,
  bonding: () => readArtifact('bonding/BondingManager').abi,
  registry: () => readArtifact('ServiceRegistry').abi,
};

/** Numbers of the early 2024 deployment (chain.md), except where development needs others. */
const INFLATION = 137n;
const INFLATION_CHANGE = 3n;
const TARGET_BONDING_RATE = 500_000_000n;
const NO_COMMIT = `0x${'00'.repeat(20)}`;

/**
 * Appends the transactions that deploy and connect the contracts to a sequence: Controller, token, Minter,
 * BondingManager with its library, TicketBroker, RoundsManager and ServiceRegistry, each of the last four behind a
 * ManagerProxy and registered under the names of chain.md section 1.
 */
export function deployContracts(
  sequence: Sequence,
  deployer: string,
  options: { roundLength: number; tokensFor: readonly string[]; tokens: bigint },
): { contracts: Contracts; supplyCache: { address: string; code: string } } {
  const create = (
    artifact: Artifact,
    args: readonly unknown[],
    libraries?: Record<string, string>,
  ): string => {
    const address = getCreateAddress({ from: deployer, nonce: sequence.nonce(deployer) });
    const code = artifact.link(libraries) + artifact.abi.encodeDeploy(args).slice(2);
    sequence.add({ from: deployer, data: code, label: `deploy ${artifact.name}` });
    return address;
  };
  const call = (to: string, abi: Interface, name: string, args: readonly unknown[]): void => {
    sequence.add({ from: deployer, to, data: abi.encodeFunctionData(name, args), label: name });
  };

  const controllerArtifact = readArtifact('Controller');
  const controller = create(controllerArtifact, []);
  const register = (name: string, address: string): void => {
    call(controller, controllerArtifact.abi, 'setContractInfo', [id(name), address, NO_COMMIT]);
  };

  const tokenArtifact = readArtifact('token/LivepeerToken');
  const livepeerToken = create(tokenArtifact, []);
  register('LivepeerToken', livepeerToken);

  const minterArtifact = readArtifact('token/Minter');
  const minter = create(minterArtifact, [controller, INFLATION, INFLATION_CHANGE, TARGET_BONDING_RATE]);
  register('Minter', minter);
  for (const holder of [deployer, minter])
    call(livepeerToken, tokenArtifact.abi, 'grantRole', [id('MINTER_ROLE'), holder]);
  for (const holder of options.tokensFor)
    call(livepeerToken, tokenArtifact.abi, 'mint', [holder, options.tokens]);

  const proxyArtifact = readArtifact('ManagerProxy');
  const behindProxy = (name: string, artifact: Artifact, libraries?: Record<string, string>): string => {
    register(`${name}Target`, create(artifact, [controller], libraries));
    const proxy = create(proxyArtifact, [controller, id(`${name}Target`)]);
    register(name, proxy);
    return proxy;
  };
  const library = create(readArtifact('libraries/SortedDoublyLL'), []);
  const bonding = readArtifact('bonding/BondingManager');
  const bondingManager = behindProxy('BondingManager', bonding, { SortedDoublyLL: library });
  const broker = readArtifact('pm/TicketBroker');
  const ticketBroker = behindProxy('TicketBroker', broker);
  // The Minter knows who may take ETH from it by this older name.
  register('JobsManager', ticketBroker);
  const rounds = readArtifact('rounds/RoundsManager');
  const roundsManager = behindProxy('RoundsManager', rounds);
  const serviceRegistry = behindProxy('ServiceRegistry', readArtifact('ServiceRegistry'));

  call(bondingManager, bonding.abi, 'setUnbondingPeriod', [7n]);
  call(bondingManager, bonding.abi, 'setNumActiveTranscoders', [100n]);
  call(ticketBroker, broker.abi, 'setUnlockPeriod', [2n]);
  call(ticketBroker, broker.abi, 'setTicketValidityPeriod', [2n]);
  call(roundsManager, rounds.abi, 'setRoundLength', [options.roundLength]);
  call(roundsManager, rounds.abi, 'setRoundLockAmount', [100_000n]);

  // On Arbitrum a bridge keeps the supply on L1 here; the Minter asks it when a round starts.
  const cacheAbi = new Interface(['function l1CirculatingSupply() view returns (uint256)']);
  const supplyCache = {
    address: '0x00000000000000000000000000000000000cac4e',
    code: answeringContract([
      {
        selector: id('l1CirculatingSupply()').slice(0, 10),
        result: cacheAbi.encodeFunctionResult('l1CirculatingSupply', [0n]),
      },
    ]),
  };
  register('L2LPTDataCache', supplyCache.address);
  call(controller, controllerArtifact.abi, 'unpause', []);
  return {
    contracts: {
      controller,
      livepeerToken,
      minter,
      bondingManager,
      ticketBroker,
      roundsManager,
      serviceRegistry,
    },
    supplyCache,
  };
}
