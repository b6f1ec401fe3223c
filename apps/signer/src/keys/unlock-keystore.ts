import { scrypt as nodeScrypt } from 'node:crypto';
import { type Hex, type MessageSigner, privateKeySigner } from '@lp/pm';
import { KeystoreError, readKeystore } from '@lp/pm/chain';
import { scrypt } from 'ethers';

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
 * Private key of a geth keystore. The key derivation runs in Node's thread pool: half a second that the event loop does
 * not notice.
 *
 * @throws KeyFileError
 */
export async function decryptKeystore(json: string, password: string): Promise<Hex> {
  scrypt.register(threadPoolScrypt);
  try {
    return await readKeystore(json, password);
  } catch (error) {
    throw error instanceof KeystoreError ? new KeyFileError(error) : error;
  }
}

function threadPoolScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  N: number,
  r: number,
  p: number,
  length: number,
): Promise<Uint8Array> {
  const maxmem = 128 * N * r + 128 * r * (p + 2) + 1024; // exactly the need: Node's default limit is below geth's parameters
  return new Promise((resolve, reject) => {
    nodeScrypt(password, salt, length, { N, r, p, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
