import { type Hex, type MessageSigner, privateKeySigner } from '@lp/pm';
import { KeystoreError, readKeystore } from '@lp/pm/chain';
import { deriveInThreadPool, KeyPendingError } from './thread-pool-kdf.ts';

/** The keystore and its password do not give a key. Ends the start with 2, as other faults of the configuration do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: KeystoreError['code'];
  readonly exitCode = 2;
  constructor(cause: KeystoreError) {
    super(`${cause.message}: check LP_SIGNER_KEYSTORE_FILE and LP_SIGNER_PASSWORD_FILE`, { cause });
    this.code = cause.code;
  }
}

/**
 * Signer of a geth keystore.
 *
 * @throws KeyFileError
 */
export async function unlockKeystore(json: string, password: string): Promise<MessageSigner> {
  return privateKeySigner(await decryptKeystore(json, password));
}

/**
 * Private key of a geth keystore. The key derivation, scrypt or PBKDF2, runs in Node's thread pool.
 *
 * @throws KeyFileError
 */
export async function decryptKeystore(json: string, password: string): Promise<Hex> {
  deriveInThreadPool();
  for (;;) {
    try {
      return await readKeystore(json, password);
    } catch (error) {
      if (!(error instanceof KeystoreError)) throw error;
      if (!(error.cause instanceof KeyPendingError)) throw new KeyFileError(error);
      await error.cause.ready.catch((cause: unknown) => {
        throw new KeyFileError(new KeystoreError(error.code, error.message, { cause }));
      });
    }
  }
}
