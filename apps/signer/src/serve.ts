import { setFlagsFromString } from 'node:v8';
import { loadCrypto } from '@lp/pm';
import { ethersChain } from '@lp/pm/chain';
import { createTransport, systemClock, systemRandom } from '@lp/runtime';
import { ConfigError, loadConfig, runService } from '@lp/service';
import { verifiedOrPinned } from './discovery/verified-or-pinned.ts';
import { openKey } from './keys/open-key.ts';
import { replaceableSigner } from './keys/replaceable-signer.ts';
import { acceptGoFlags } from './migrate/translate-go-flags.ts';
import { options } from './options.ts';
import { policyOf } from './policy.ts';
import { startSigner } from './start-signer.ts';
import { superviseWorkers } from './workers/supervise-workers.ts';
import { workerLink } from './workers/worker-link.ts';

/** Less than the supervisor waits. */
const WORKER_DRAIN_MS = 9000;

/** Serves until a signal. `given` is what stands behind the program's name: our options, go-livepeer's, or both. */
export async function serve(given: readonly string[]): Promise<void> {
  collectOnOneThread();
  let translated: ReturnType<typeof acceptGoFlags>;
  try {
    translated = acceptGoFlags(given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`lp-signer: ${error.message}\nlp-signer migrate --check -- <flags> says more.\n`);
    process.exitCode = error.exitCode;
    return;
  }
  const { argv, flags } = translated;
  const env = { ...process.env, ...translated.env };
  const link = workerLink();
  await runService({
    argv,
    env,
    name: 'signer',
    options,
    reloads: true,
    ...(link !== undefined && { supervision: link, drainMs: WORKER_DRAIN_MS }),
    async start(given, context) {
      const { log } = context;
      const config = { ...given, ...link?.ports };
      if (link === undefined && config.workers > 1) {
        return superviseWorkers(config, {
          ...context,
          clock: systemClock,
          random: systemRandom,
          check: () => checkReload(argv, env),
        });
      }
      for (const { name, note } of flags) if (note !== undefined) log.warn({ flag: `-${name}` }, note);
      const services = createTransport({ privateAddresses: 'allow' });
      const keyPorts = { transport: services, clock: systemClock, warn: (text: string) => log.warn(text) };
      const [crypto, key] = await Promise.all([loadCrypto(), openKey(config, keyPorts)]);
      const signer = replaceableSigner(key);
      log.info({ sender: signer.address, crypto }, 'key unlocked');
      const chain = ethersChain({
        rpcUrl: config.rpcUrl,
        controller: config.controller,
        ...(config.priceFeed !== undefined && { priceFeed: config.priceFeed }),
      });
      const ownList = config.orchestrators.length > 0 || config.orchestratorListUrl !== undefined;
      // Addresses that were not configured come from the chain, where anyone can register: those must be public.
      const privateAddresses = ownList ? 'allow' : 'refuse';
      const verify = createTransport({ privateAddresses });
      const pin = createTransport({ privateAddresses, tls: 'pin' });
      const transport = verifiedOrPinned({ verify, pin });
      const running = await startSigner(
        config,
        { signer, chain, transport, services, workers: link },
        context,
      );
      return {
        ...running,
        async close(signal) {
          await running.close(signal);
          await Promise.all([verify.close(), pin.close(), services.close()]);
        },
        async reload() {
          const next = loadConfig(options, { argv, env });
          if (next.kind !== 'run') return;
          const renewed = await openKey(next.config, keyPorts);
          signer.replace(renewed);
          running.reconfigure(next.config);
        },
      };
    },
  });
}

/** Throws what is wrong with the options and files that workers would read again: then none of them does. */
function checkReload(argv: readonly string[], env: NodeJS.ProcessEnv): void {
  const next = loadConfig(options, { argv, env });
  if (next.kind !== 'run') return;
  const unused = (): never => {
    throw new TypeError('checking options asks nobody');
  };
  policyOf(next.config, {
    transport: { request: unused, stream: unused },
    clock: systemClock,
    weiPerUsd: unused,
  });
}

/** Little survives a request: threads that share its collection cost more CPU than they save time. */
function collectOnOneThread(): void {
  setFlagsFromString('--no-parallel-scavenge');
}
