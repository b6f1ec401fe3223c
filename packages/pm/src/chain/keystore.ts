import { decryptKeystoreJson, isError, isKeystoreJson } from 'ethers';
import type { Hex } from '../types.ts';

/** A key file cannot be used. Its message tells neither content nor password. */
export class KeystoreError extends Error {
  override readonly name = 'KeystoreError';
  readonly code: 'malformed-keystore' | 'wrong-password';

  constructor(code: KeystoreError['code'], message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A key file has some 500 bytes. */
const MAX_KEYSTORE = 16_384;

/**
 * The private key in a geth V3 keystore (scrypt or PBKDF2). A line break at the end of the password is the caller's to
 * remove.
 *
 * @throws KeystoreError
 */
export async function readKeystore(json: string, password: string): Promise<Hex> {
  if (json.length > MAX_KEYSTORE || !isKeystoreJson(json)) {
    throw new KeystoreError('malformed-keystore', 'this is not a geth keystore file (version 3)');
  }
  try {
    const { privateKey } = await decryptKeystoreJson(json, password);
    return privateKey as Hex; // ethers: 0x and 64 digits
  } catch (cause) {
    if (isError(cause, 'INVALID_ARGUMENT') && cause.argument === 'password') {
      // The original error carries nothing secret: ethers writes [ REDACTED ] for the password.
      throw new KeystoreError('wrong-password', 'the password does not open this keystore', { cause });
    }
    throw new KeystoreError('malformed-keystore', 'this keystore cannot be decrypted', { cause });
  }
}
