import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Devchain, startDevchain } from '@lp/devchain';
import { systemClock } from '@lp/runtime';
import { keepChain } from './chain-keeper.ts';
import { type Child, type Program, startChild } from './child.ts';
import { DEVELOPMENT } from './development-settings.ts';
import { checkPorts } from './free-ports.ts';
import { gatewayProgram, orchestratorProgram, type Ports, runnerProgram, signerProgram } from './programs.ts';
import { waitReady } from './ready.ts';
import { createRunFolder } from './run-folder.ts';

/** How a network starts. */
export interface NetworkOptions {
  /** Folder for logs and the private folder of the run; usually `.lp`. */
  readonly folder: string;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  /** One line for people at each step. */
  readonly progress: (line: string) => void;
  /** A part ended or misbehaved that nobody asked to. */
  readonly onFault: (name: string, text: string) => void;
}

/** A running network. */
export interface Network extends AsyncDisposable {
  readonly chain: Devchain;
  readonly gatewayUrl: string;
  readonly signerUrl: string;
  readonly orchestratorUrl: string;
  readonly orchestratorAdminUrl: string;
  readonly logs: string;
  /** From the first step to the last app's readiness. */
  readonly startupMs: number;
}

/**
 * Starts the chain and, as child processes, the orchestrator, the runner, the signer and the gateway. Disposing ends
 * them in the opposite order and removes the run's folder.
 *
 * @throws PortTakenError; what the first part that does not start throws; the others are ended before
 */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { signal, progress, onFault, ports } = options;
  const clock = systemClock;
  const started = clock.monotonicNs();
  const elapsedMs = (): number => Number((clock.monotonicNs() - started) / 1_000_000n);
  await checkPorts(ports);
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(await createRunFolder(options.folder));
    const chain = stack.use(
      await startDevchain({
        roundLength: DEVELOPMENT.roundLength,
        price: { description: 'ETH / USD', decimals: 8, answer: DEVELOPMENT.usdPerEth * 10n ** 8n },
      }),
    );
    let closing = false;
    stack.defer(() => {
      closing = true; // first of what is left when the children are gone: the chain may end now
    });
    void chain.exited.then(() => {
      if (!closing) onFault('chain', 'ended unexpectedly');
    });
    progress(`chain at ${chain.rpcUrl}, Livepeer's contracts deployed (${elapsedMs()} ms)`);
    const keeperStop = new AbortController();
    const keeper = keepChain(chain, {
      clock,
      signal: keeperStop.signal,
      onError: (error) => onFault('chain', String(error)),
    });
    stack.defer(async () => {
      keeperStop.abort();
      await keeper;
    });

    const start = async (
      program: Program,
      adminOf?: (child: Child) => string | undefined,
    ): Promise<Child> => {
      const child = await startChild(program, join(folder.logs, `${program.name}.log`), signal);
      stack.defer(() => child.stop());
      void child.exited.then(({ expected, how }) => {
        if (!expected)
          onFault(child.name, `ended unexpectedly (${how}); see ${folder.logs}/${child.name}.log`);
      });
      const lost = new AbortController();
      void child.exited.then(({ how }) =>
        lost.abort(new Error(`${child.name} ended while starting (${how})`)),
      );
      const until = AbortSignal.any([signal, lost.signal]);
      await waitReady(child.name, adminOf?.(child) ?? child.url, clock, until);
      progress(`${child.name} at ${child.url} (${elapsedMs()} ms)`);
      return child;
    };

    const runnerSecret = await folder.secret('runner-secret', randomBytes(24).toString('base64url'));
    const [orchestratorKey, signerKey] = await Promise.all([
      folder.keystore('orchestrator', chain.accounts.orchestrators[0]),
      folder.keystore('signer', chain.accounts.sender),
    ]);
    const orchestrator = await start(
      orchestratorProgram({
        chain,
        key: orchestratorKey,
        runnerSecret,
        dataDir: join(folder.path, 'orchestrator'),
        port: ports.orchestrator,
      }),
      (child) => child.also['admin'],
    );
    const admin = orchestrator.also['admin'];
    if (admin === undefined) throw new Error('the orchestrator did not name its admin listener');
    const orchestratorUrl = orchestrator.url;
    const [, signer] = await allOrNone([
      start(runnerProgram({ orchestratorUrl, runnerSecret })),
      start(
        signerProgram({
          chain,
          key: signerKey,
          orchestratorUrl,
          dataDir: join(folder.path, 'signer'),
          port: ports.signer,
        }),
        (child) => child.also['admin'],
      ),
      chain.setServiceUri(0, orchestratorUrl),
    ]);
    const gateway = await start(gatewayProgram({ signerUrl: signer.url, port: ports.gateway }));
    return {
      chain,
      gatewayUrl: gateway.url,
      signerUrl: signer.url,
      orchestratorUrl,
      orchestratorAdminUrl: admin,
      logs: folder.logs,
      startupMs: elapsedMs(),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** All of them; a failure is thrown only when none is under way any more, so that each can be ended. */
async function allOrNone<T extends readonly Promise<unknown>[]>(
  work: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
