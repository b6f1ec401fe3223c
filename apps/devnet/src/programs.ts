import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Devchain } from '@lp/devchain';
import { formatRatio } from '@lp/pricing';
import type { Program } from './child.ts';
import { DEVELOPMENT } from './development-settings.ts';

/** Where the apps listen; 0 takes any free port. */
export interface Ports {
  readonly gateway: string;
  readonly signer: string;
  readonly orchestrator: string;
}

const require = createRequire(import.meta.url);

/** Path of an app's built entry point. */
const entry = (app: string): string =>
  join(dirname(require.resolve(`@lp/${app}/package.json`)), 'dist/main.js');

/** A key file and its password file. */
interface KeyFiles {
  readonly keystore: string;
  readonly password: string;
}

/** `lp-orchestrator`, paid to the first orchestrator account of the chain, with its price feed. */
export const orchestratorProgram = (options: {
  readonly chain: Devchain;
  readonly key: KeyFiles;
  readonly runnerSecret: string;
  readonly dataDir: string;
  readonly port: string;
}): Program => ({
  name: 'orchestrator',
  script: entry('orchestrator'),
  env: {
    LP_ORCHESTRATOR_PORT: options.port,
    LP_ORCHESTRATOR_ADMIN_PORT: '0',
    LP_ORCHESTRATOR_RUNNER_SECRET_FILE: options.runnerSecret,
    LP_ORCHESTRATOR_KEYSTORE_FILE: options.key.keystore,
    LP_ORCHESTRATOR_PASSWORD_FILE: options.key.password,
    LP_ORCHESTRATOR_RPC_URL: options.chain.rpcUrl,
    LP_ORCHESTRATOR_CONTROLLER: options.chain.controller,
    LP_ORCHESTRATOR_PRICE_FEED: options.chain.priceFeed,
    LP_ORCHESTRATOR_TICKET_EV_WEI: DEVELOPMENT.ticketEvWei.toString(),
    LP_ORCHESTRATOR_MAX_FACE_VALUE_WEI: DEVELOPMENT.faceValueWei.toString(),
    LP_ORCHESTRATOR_DEBIT_INTERVAL_MS: String(DEVELOPMENT.debitIntervalMs),
    LP_ORCHESTRATOR_DATA_DIR: options.dataDir,
  },
});

/** The example runner, registered at the orchestrator. */
export const runnerProgram = (options: { orchestratorUrl: string; runnerSecret: string }): Program => ({
  name: 'edges-runner',
  script: entry('edges-runner'),
  env: {
    EDGES_ORCHESTRATOR_URL: options.orchestratorUrl,
    EDGES_RUNNER_SECRET_FILE: options.runnerSecret,
    EDGES_PORT: '0',
    EDGES_PRICE_USD_PER_HOUR: DEVELOPMENT.priceUsdPerHour,
    EDGES_APP: DEVELOPMENT.app,
    EDGES_CAPACITY: String(DEVELOPMENT.capacity),
  },
});

/** `lp-signer` with the chain's funded sender. */
export const signerProgram = (options: {
  readonly chain: Devchain;
  readonly key: KeyFiles;
  readonly orchestratorUrl: string;
  readonly dataDir: string;
  readonly port: string;
}): Program => ({
  name: 'signer',
  script: entry('signer'),
  env: {
    LP_SIGNER_PORT: options.port,
    LP_SIGNER_ADMIN_PORT: '0',
    LP_SIGNER_KEYSTORE_FILE: options.key.keystore,
    LP_SIGNER_PASSWORD_FILE: options.key.password,
    LP_SIGNER_RPC_URL: options.chain.rpcUrl,
    LP_SIGNER_CONTROLLER: options.chain.controller,
    LP_SIGNER_ORCHESTRATORS: options.orchestratorUrl,
    LP_SIGNER_DATA_DIR: options.dataDir,
    LP_SIGNER_DISCOVERY_INTERVAL_MS: '1000',
    LP_SIGNER_CHAIN_POLL_MS: '1000',
  },
});

/** `lp-gateway` with its page. */
export const gatewayProgram = (options: { signerUrl: string; port: string }): Program => ({
  name: 'gateway',
  script: entry('gateway'),
  env: {
    LP_GATEWAY_PORT: options.port,
    LP_GATEWAY_SIGNER_URL: options.signerUrl,
    LP_GATEWAY_MAX_PRICE_USD_PER_HOUR: DEVELOPMENT.ceilingUsdPerHour,
    LP_GATEWAY_WEI_PER_USD: formatRatio(DEVELOPMENT.weiPerUsd),
    LP_GATEWAY_PRIVATE_ADDRESSES: 'allow',
    LP_GATEWAY_DEVELOPMENT: 'true',
    LP_GATEWAY_NAMED_SETTINGS: [
      `Ticket value=${DEVELOPMENT.ticketEvWei} wei (one second of the price)`,
      `Ticket face value=${DEVELOPMENT.faceValueWei} wei (every second one wins)`,
      `Block time=${DEVELOPMENT.blockTimeMs / 1000} second`,
      `Round=${DEVELOPMENT.roundLength} blocks`,
      'Gas price=1 wei',
    ].join(','),
  },
});
