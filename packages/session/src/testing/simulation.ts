import { loadCrypto, privateKeySigner } from '@lp/pm';
import type { SenderLimits } from '@lp/pm/sender';
import type { HttpRequest } from '@lp/runtime';
import { type SimulatedClock, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { openSession } from '../open-session.ts';
import type { OpenSessionOptions } from '../options.ts';
import type { Session } from '../session.ts';
import { type TestChain, testChain } from './chain-view.ts';
import { type Faults, NO_FAULTS, type TestNetwork, testNetwork } from './network.ts';
import { testOrchestrator } from './test-orchestrator.ts';
import type { TestOrchestrator, TestOrchestratorOptions } from './test-orchestrator-types.ts';
import { type TestSigner, testSigner } from './test-signer.ts';

/** How a simulation is set up. */
export interface SimulationOptions {
  /** Equal seeds run the same. Default 1. */
  readonly seed?: number;
  readonly faults?: Faults;
  readonly orchestrator?: Partial<TestOrchestratorOptions>;
  /** More orchestrators; each needs its own URL. */
  readonly others?: readonly Partial<TestOrchestratorOptions>[];
  readonly limits?: Partial<SenderLimits>;
}

/** A signer, an orchestrator and the network between, on one simulated clock. */
export interface Simulation {
  readonly clock: SimulatedClock;
  readonly chain: TestChain;
  readonly signer: TestSigner;
  readonly orchestrator: TestOrchestrator;
  readonly others: readonly TestOrchestrator[];
  readonly network: TestNetwork;
  /** Opens a session against these peers, running the clock as long as it takes. */
  open(options?: Partial<OpenSessionOptions>): Promise<Session>;
  /** Ends the meters. */
  stop(): void;
}

const SIGNER_URL = 'http://signer.test:8937';
const KEY = `0x${'42'.repeat(32)}` as const;

/** A small world for tests of whatever opens sessions. */
export function simulation(options: SimulationOptions = {}): Simulation {
  const seed = options.seed ?? 1;
  const clock = simulatedClock();
  const random = seededRandom(seed);
  const chain = testChain(clock);
  const stopped = new AbortController();
  const peerOptions = { clock, random, chain, signal: stopped.signal };
  const orchestrator = testOrchestrator({ ...peerOptions, ...options.orchestrator });
  const others = (options.others ?? []).map((other) => testOrchestrator({ ...peerOptions, ...other }));
  const signer = testSigner({
    ...peerOptions,
    key: privateKeySigner(KEY),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const all = [orchestrator, ...others];
  const network = testNetwork(
    [
      {
        origin: SIGNER_URL,
        handle: (request) => signer.handle(request),
        get down() {
          return signer.down;
        },
      },
      ...all.map((one) => ({
        origin: one.url,
        handle: (request: HttpRequest) => one.handle(request),
        get down() {
          return one.down;
        },
      })),
    ],
    { clock, random, faults: options.faults ?? NO_FAULTS },
  );
  return {
    clock,
    chain,
    signer,
    orchestrator,
    others,
    network,
    async open(extra = {}) {
      // WebAssembly loads in real time, which a simulated clock does not wait for.
      await loadCrypto();
      return clock.runUntil(
        openSession({
          app: 'lp/edges',
          signer: { url: SIGNER_URL },
          discovery: { kind: 'orchestrators', urls: all.map(({ url }) => url) },
          clock,
          random: seededRandom(seed + 1),
          transport: network.transport,
          ...extra,
        }),
      );
    },
    stop: () => stopped.abort(),
  };
}
