import { type Hex, privateKeySigner } from '@lp/pm';
import { ethersChain, KeystoreError, readKeystore, transactionKey } from '@lp/pm/chain';
import type { Config } from '@lp/service';
import type { options } from './options.ts';
import type { OrchestratorPorts } from './start-orchestrator.ts';

/** A setting is missing that payments need; ends the start with exit code 2. */
class MissingSettingError extends Error {
  override readonly name = 'MissingSettingError';
  readonly code = 'missing-setting';
  readonly exitCode = 2;
}

/** The keystore does not open; ends the start with exit code 2. */
class LockedKeyError extends Error {
  override readonly name = 'LockedKeyError';
  readonly code = 'locked-key';
  readonly exitCode = 2;
}

async function unlock(keystore: string, password: string): Promise<Hex> {
  try {
    return await readKeystore(keystore, password);
  } catch (cause) {
    if (!(cause instanceof KeystoreError)) throw cause;
    throw new LockedKeyError(
      `${cause.message}: check LP_ORCHESTRATOR_KEYSTORE_FILE and LP_ORCHESTRATOR_PASSWORD_FILE`,
      { cause },
    );
  }
}

/** Unlocks the key and connects to the chain. @throws MissingSettingError, LockedKeyError */
export async function onchainPorts(
  config: Config<(typeof options)['rows']>,
  signal: AbortSignal,
): Promise<OrchestratorPorts> {
  const { controller, keystore, password, priceFeed, rpcUrl } = config;
  const missing = Object.entries({
    LP_ORCHESTRATOR_RPC_URL: rpcUrl,
    LP_ORCHESTRATOR_CONTROLLER: controller,
    LP_ORCHESTRATOR_KEYSTORE_FILE: keystore,
    LP_ORCHESTRATOR_PASSWORD_FILE: password,
    'LP_ORCHESTRATOR_WEI_PER_USD or LP_ORCHESTRATOR_PRICE_FEED': config.weiPerUsd ?? priceFeed,
  }).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (
    rpcUrl === undefined ||
    controller === undefined ||
    keystore === undefined ||
    password === undefined ||
    missing.length > 0
  )
    throw new MissingSettingError(`payments need ${missing.join(', ')}; or run with --network offchain`);
  signal.throwIfAborted();
  const privateKey = await unlock(keystore, password);
  const chain = ethersChain({
    rpcUrl,
    controller,
    signer: transactionKey(privateKey),
    ...(priceFeed === undefined ? {} : { priceFeed }),
  });
  return { payments: { chain, recipient: config.recipient ?? privateKeySigner(privateKey).address } };
}
