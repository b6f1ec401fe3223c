import { formatEth, ratio } from '@lp/pricing';
import { DEVELOPMENT } from './development-settings.ts';
import { type Network, startNetwork } from './network.ts';
import { StoppedError, stopSignal } from './stop-signal.ts';

const say = (line: string): void => {
  process.stderr.write(`devnet: ${line}\n`);
};

/**
 * Runs the network until Ctrl-C. A part that ends unexpectedly is told and the others go on: what a fault looks like
 * from outside is worth seeing. Returns the exit code: 0 after a stop that was asked for.
 */
export async function startCommand(options: { readonly folder: string }): Promise<number> {
  const signal = stopSignal();
  const { LP_GATEWAY_PORT = '8936', LP_SIGNER_PORT = '8937', LP_ORCHESTRATOR_PORT = '8935' } = process.env;
  try {
    await using network = await startNetwork({
      folder: options.folder,
      ports: { gateway: LP_GATEWAY_PORT, signer: LP_SIGNER_PORT, orchestrator: LP_ORCHESTRATOR_PORT },
      signal,
      progress: say,
      onFault: (name, text) => say(`${name} ${text}. The rest keeps running`),
    });
    process.stdout.write(welcome(network));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    say('stopping');
  } catch (error) {
    if (!signal.aborted) {
      say(error instanceof Error ? error.message : String(error));
      return 1;
    }
  }
  const { reason } = signal;
  if (reason instanceof StoppedError) say(reason.message);
  return 0;
}

function welcome(network: Network): string {
  const { priceUsdPerHour, ticketEvWei, faceValueWei, roundLength } = DEVELOPMENT;
  return [
    '',
    `  Development network, ready in ${(network.startupMs / 1_000).toFixed(1)} s. Ctrl-C ends it.`,
    '',
    `  Page          ${network.gatewayUrl}`,
    `  Signer        ${network.signerUrl}`,
    `  Orchestrator  ${network.orchestratorUrl}   admin ${network.orchestratorAdminUrl}`,
    `  Chain         ${network.chain.rpcUrl}   Controller ${network.chain.controller}`,
    `  Logs          ${network.logs}`,
    '',
    '  Development settings:',
    `    price ${priceUsdPerHour} USD per hour at ${DEVELOPMENT.usdPerEth} USD for one ETH`,
    `    tickets worth one second (${formatEth(ratio(ticketEvWei))}), every second one wins ${formatEth(ratio(faceValueWei))}`,
    `    a block every second, a round of ${roundLength}; gas at 1 wei; winners are redeemed within a minute`,
    '    published keys: never send them real money',
    '',
    '',
  ].join('\n');
}
