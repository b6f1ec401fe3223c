import type { Hex, MessageSigner } from '@lp/pm';
import type { Clock, Transport } from '@lp/runtime';
import { ConfigError } from '@lp/service';
import { parseHeaderList } from '../header-list.ts';
import { externalSigner } from './external-signer.ts';
import { findKeystore } from './find-keystore.ts';
import { unlockKeystore } from './unlock-keystore.ts';

/** The options that say where the key is. */
export interface KeyConfig {
  readonly keystoreFile: string | undefined;
  readonly account: Hex | undefined;
  readonly password: string | undefined;
  /** Where there is no file of it. */
  readonly keystorePassword?: string | undefined;
  readonly externalSignerUrl: string | undefined;
  readonly externalSignerHeaders: string | undefined;
}

/**
 * The sender's key: a keystore of this machine, or a service that holds it.
 *
 * @throws ConfigError, KeystoreSearchError, KeyFileError, ExternalSignerError.
 */
export async function openKey(
  config: KeyConfig,
  ports: {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly warn: (text: string) => void;
  },
): Promise<MessageSigner> {
  const { keystoreFile, account, externalSignerUrl } = config;
  const password = config.password ?? config.keystorePassword;
  if ((keystoreFile === undefined) === (externalSignerUrl === undefined)) {
    throw new ConfigError('lp-signer', [
      'one of LP_SIGNER_KEYSTORE_FILE (with LP_SIGNER_PASSWORD_FILE) and LP_SIGNER_EXTERNAL_SIGNER_URL is needed: where the key is',
    ]);
  }
  if (externalSignerUrl !== undefined) {
    const headers = parseHeaderList(config.externalSignerHeaders ?? '');
    return externalSigner({ url: externalSignerUrl, account, headers, ...ports });
  }
  if (password === undefined) {
    throw new ConfigError('lp-signer', [
      'LP_SIGNER_PASSWORD_FILE is needed: a file with the password of the keystore',
    ]);
  }
  const found = await findKeystore(keystoreFile ?? '', account);
  if (found.warning !== undefined) ports.warn(found.warning);
  return unlockKeystore(found.json, password);
}
