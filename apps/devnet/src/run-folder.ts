import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { processGuard } from '@lp/devchain';
import { encryptKeystoreJson } from 'ethers';

/** The private folder of one run, and the folder of its logs. */
export interface RunFolder extends AsyncDisposable {
  /** Removed at the end, also when this process is killed. */
  readonly path: string;
  /** Stays. */
  readonly logs: string;
  /** Writes a file that only this user can read and gives its path. */
  secret(name: string, content: string): Promise<string>;
  /** Writes a keystore and its random password. */
  keystore(
    name: string,
    account: { address: string; privateKey: string },
  ): Promise<{ keystore: string; password: string }>;
}

/** Cheap key derivation: the keys are published ones. */
const SCRYPT = { N: 1 << 10, r: 8, p: 1 };

/** Makes the folders below `base`, usually `.lp`. */
export async function createRunFolder(base: string): Promise<RunFolder> {
  const root = resolve(base);
  const logs = join(root, 'logs');
  await mkdir(logs, { recursive: true });
  const path = await mkdtemp(join(root, 'run-'));
  const removed = processGuard().watchDirectory(path);
  const secret = async (name: string, content: string): Promise<string> => {
    const file = join(path, name);
    await writeFile(file, content, { mode: 0o600, flag: 'wx' });
    return file;
  };
  return {
    path,
    logs,
    secret,
    async keystore(name, account) {
      const password = randomBytes(24).toString('base64url');
      const json = await encryptKeystoreJson(account, password, { scrypt: SCRYPT });
      const [keystoreFile, passwordFile] = await Promise.all([
        secret(`${name}-keystore.json`, json),
        secret(`${name}-password`, password),
      ]);
      return { keystore: keystoreFile, password: passwordFile };
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      removed();
    },
  };
}
