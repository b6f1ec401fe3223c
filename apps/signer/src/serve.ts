import { loadCrypto } from '@lp/pm';
import { ethersChain } from '@lp/pm/chain';
import { createTransport } from '@lp/runtime';
import { runService } from '@lp/service';
import { verifiedOrPinned } from './discovery/verified-or-pinned.ts';
import { options } from './options.ts';
import { startSigner } from './start-signer.ts';
import { unlockKey } from './unlock-key.ts';

/** Serves until a signal. `argv` is what stands behind the program's name. */
export function serve(argv: readonly string[]): Promise<void> {
  return runService({
    argv,
    name: 'signer',
    options,
    async start(config, context) {
      const crypto = await loadCrypto();
      const signer = await unlockKey(config.keystore, config.password);
      context.log.info({ sender: signer.address, crypto }, 'key unlocked');
      const chain = ethersChain({ rpcUrl: config.rpcUrl, controller: config.controller });
      // Addresses that were not configured come from the chain, where anyone can register: those must be public.
      const privateAddresses = config.orchestrators.length > 0 ? 'allow' : 'refuse';
      const verify = createTransport({ privateAddresses });
      const pin = createTransport({ privateAddresses, tls: 'pin' });
      const transport = verifiedOrPinned({ verify, pin });
      const services = createTransport({ privateAddresses: 'allow' });
      const running = await startSigner(config, { signer, chain, transport, services }, context);
      return {
        ...running,
        async close(signal) {
          await running.close(signal);
          await Promise.all([verify.close(), pin.close(), services.close()]);
        },
      };
    },
  });
}
