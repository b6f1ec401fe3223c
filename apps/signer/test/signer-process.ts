import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encryptKeystoreJson } from 'ethers';

/** `lp-signer` as a process. */
export interface SignerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Holds its files. */
  readonly folder: string;
  /** Resolves with the address printed for `listening` or `admin`. */
  address(label: 'listening' | 'admin'): Promise<string>;
  /** Exit code, once it ended. */
  readonly exited: Promise<number | null>;
  stderr(): string;
}

/** Starts `lp-signer` from source with a keystore of `privateKey`; `password` may be a wrong one. */
export async function spawnSigner(settings: {
  account: { address: string; privateKey: string };
  password?: string;
  /** Further files of its folder, by name. */
  files?: Readonly<Record<string, string>>;
  /** Folder of the ledger; by default one that goes with the process. */
  dataDir?: string;
  /** Its environment, where secrets are. Default: none. */
  env?: Readonly<Record<string, string>>;
  flags: readonly string[] | ((folder: string) => readonly string[]);
}): Promise<SignerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'lp-signer-'));
  const [keystore, password] = [join(folder, 'keystore.json'), join(folder, 'password')];
  const json = await encryptKeystoreJson(settings.account, 'right', { scrypt: { N: 1024 } });
  await writeFile(keystore, json, { mode: 0o600 });
  await writeFile(password, `${settings.password ?? 'right'}\n`, { mode: 0o600 });
  for (const [name, text] of Object.entries(settings.files ?? {})) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  const more = typeof settings.flags === 'function' ? settings.flags(folder) : settings.flags;
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const flags = [
    '--port',
    '0',
    '--admin-port',
    '0',
    '--keystore-file',
    keystore,
    '--password-file',
    password,
    '--data-dir',
    settings.dataDir ?? join(folder, 'data'),
  ];
  const child = spawn(process.execPath, ['--conditions=lp-source', main, ...flags, ...more], {
    env: { ...settings.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(child, 'close').then(([code]) => code as number | null); // 'close' gives the code first
  const printed = new Map<string, PromiseWithResolvers<string>>();
  const slot = (label: string) => {
    const known = printed.get(label) ?? Promise.withResolvers<string>();
    printed.set(label, known);
    return known;
  };
  createInterface(child.stdout).on('line', (line) => {
    const [, label, url] = /^lp-signer (listening|admin) on (http:\S+)$/.exec(line) ?? [];
    if (label !== undefined && url !== undefined) slot(label).resolve(url);
  });
  return {
    child,
    folder,
    exited,
    stderr: () => stderr,
    address: (label) =>
      Promise.race([
        slot(label).promise,
        exited.then((code) => Promise.reject(new Error(`lp-signer ended with ${code}: ${stderr}`))),
      ]),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
