/**
 * A remote signer and an orchestrator with upstream's exact order of effects, on a simulated clock and a network that
 * can fail: to test whatever opens sessions, without sockets, chain or waiting.
 *
 * @module
 */
export { type TestChain, testChain } from './chain-view.ts';
export { type Faults, NO_FAULTS, type Peer, type TestNetwork, testNetwork } from './network.ts';
export { nodeError, nodeJson, nodeText } from './node-http.ts';
export { type Simulation, type SimulationOptions, simulation } from './simulation.ts';
export { aheadNs, balanceUnits, type TestAccount } from './test-account.ts';
export { testOrchestrator } from './test-orchestrator.ts';
export type { TestOrchestrator, TestOrchestratorOptions } from './test-orchestrator-types.ts';
export {
  signerRefusal,
  type TestSigner,
  type TestSignerOptions,
  testSigner,
  weiPerUnit,
} from './test-signer.ts';
