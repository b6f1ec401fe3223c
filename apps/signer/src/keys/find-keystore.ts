import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '@lp/pm';

/** No key file can be chosen. Ends the start with 2; says what was found. */
export class KeystoreSearchError extends Error {
  override readonly name = 'KeystoreSearchError';
  readonly code = 'keystore-not-found';
  readonly exitCode = 2;
}

/** A key file that was found. */
export interface FoundKeystore {
  readonly path: string;
  readonly json: string;
  /** Something the operator should mend. */
  readonly warning?: string;
}

/** A key file has some 500 bytes. */
const MAX_BYTES = 16_384;
const MAX_FILES = 10_000;
const MAX_SHOWN = 10;
/** As geth names them: `UTC--<time>--<address>`. */
const GETH_NAME = /^UTC--.+--([0-9a-fA-F]{40})$/;

/**
 * A geth keystore: the file at `path`, or of the folder at `path` (also of its sub-folder `keystore`, as go-livepeer's data folder has it) the file
 * of `account`. Without `account` the folder must hold one key.
 *
 * @throws KeystoreSearchError
 */
export async function findKeystore(path: string, account?: Hex): Promise<FoundKeystore> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new KeystoreSearchError(`the keystore ${path} does not exist`);
  if (!found.isDirectory()) return readKeyFile(path, account);
  const sub = join(path, 'keystore');
  const folder = (await stat(sub).catch(() => undefined))?.isDirectory() === true ? sub : path;
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted();
  const keys = names.slice(0, MAX_FILES).flatMap((name) => {
    const address = GETH_NAME.exec(name)?.[1]?.toLowerCase();
    return address === undefined ? [] : [{ name, address: `0x${address}` as const }];
  });
  const chosen = keys.filter(({ address }) => account === undefined || address === account);
  const [only] = chosen;
  if (only !== undefined && new Set(chosen.map(({ address }) => address)).size === 1) {
    // of one account the newest file: the names sort by time
    return readKeyFile(join(folder, (chosen.at(-1) ?? only).name), only.address);
  }
  const shown = [...new Set(keys.map(({ address }) => address))].slice(0, MAX_SHOWN).join(', ');
  throw new KeystoreSearchError(
    keys.length === 0
      ? `${folder} holds no key files (UTC--...)`
      : account === undefined
        ? `${folder} holds several accounts: choose one with --account (LP_SIGNER_ACCOUNT): ${shown}`
        : `${folder} holds no key of ${account}, but of ${shown}`,
  );
}

async function readKeyFile(path: string, account: Hex | undefined): Promise<FoundKeystore> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new KeystoreSearchError(`the keystore ${path} cannot be opened`, { cause });
  });
  try {
    const { size, mode } = await file.stat();
    if (size > MAX_BYTES) throw new KeystoreSearchError(`the keystore ${path} has ${size} bytes: it is none`);
    const json = await file.readFile('utf8');
    const address = addressIn(json);
    if (account !== undefined && address !== undefined && address !== account) {
      throw new KeystoreSearchError(`the keystore ${path} is of ${address}, not of ${account}`);
    }
    const readable = process.platform !== 'win32' && (mode & 0o077) !== 0;
    return readable
      ? {
          path,
          json,
          warning: `${path} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 it`,
        }
      : { path, json };
  } finally {
    await file.close();
  }
}

/** The address that a key file claims; geth leaves it out on request. */
function addressIn(json: string): Hex | undefined {
  try {
    const { address } = JSON.parse(json) as { address?: unknown };
    const digits = typeof address === 'string' ? /^(?:0x)?([0-9a-f]{40})$/i.exec(address)?.[1] : undefined;
    return digits === undefined ? undefined : `0x${digits.toLowerCase()}`;
  } catch {
    return undefined;
  }
}
