import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startDevchain } from '@lp/devchain';
import type { Hex } from '@lp/pm';
import { encryptKeystoreJson } from 'ethers';

/** `lp-signer` as it is deployed: its own process, a durable ledger, API keys and limits. */
export interface SignerUnderLoad extends AsyncDisposable {
  readonly url: string;
  /** The API key that callers send. */
  readonly key: string;
  /** A registered orchestrator, lower case. */
  readonly recipient: Hex;
  /** L1 block number of the chain at the start. */
  readonly l1Block: bigint;
  /** CPU seconds that its processes have used, user and system, all threads. */
  cpuSeconds(): Promise<number>;
  /** Memory that its processes hold. */
  residentBytes(): Promise<number>;
}

const KEY = 'benchmark-key-of-thirty-two-chars';
/** Counted for every payment, and never reached. */
const LIMITS = {
  limits: [
    { of: 'identity', per: 'hour', wei: '1000000000000000000000' },
    { of: 'app', per: 'day', wei: '1000000000000000000000' },
    { of: 'orchestrator', per: 'day', wei: '1000000000000000000000' },
    { of: 'signer', per: 'total', wei: '1000000000000000000000' },
  ],
};

/** Starts a chain with the real contracts, and a signer of `workers` processes on it. */
export async function startSignerUnderLoad(workers = 1): Promise<SignerUnderLoad> {
  const folder = await mkdtemp(join(tmpdir(), 'lp-bench-'));
  const devchain = await startDevchain();
  const file = (name: string) => join(folder, name);
  await writeFile(file('limits'), JSON.stringify(LIMITS));
  await writeFile(file('keys'), `bench ${KEY}\n`, { mode: 0o600 });
  await writeFile(file('password'), 'bench', { mode: 0o600 });
  const keystore = await encryptKeystoreJson(devchain.accounts.sender, 'bench', { scrypt: { N: 1024 } });
  await writeFile(file('keystore'), keystore, { mode: 0o600 });
  const main = new URL('../apps/signer/src/main.ts', import.meta.url).pathname;
  const settings = {
    port: '0',
    'admin-port': '0',
    'rpc-url': devchain.rpcUrl,
    controller: devchain.controller,
    'keystore-file': file('keystore'),
    'password-file': file('password'),
    'api-keys-file': file('keys'),
    'limits-file': file('limits'),
    'data-dir': file('data'),
    'log-level': 'warn',
    workers: String(workers),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const profile = process.env['LP_BENCH_PROFILE']; // a folder for a V8 CPU profile of the signer
  const inspect = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, ['--conditions=lp-source', ...inspect, main, ...flags], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { admin, url } = await addresses(child);
  return {
    url,
    key: KEY,
    recipient: devchain.accounts.orchestrators[0].address.toLowerCase() as Hex, // an address
    l1Block: BigInt(await blockNumber(devchain.rpcUrl)),
    cpuSeconds: () => metric(admin, 'process_cpu_seconds_total'),
    residentBytes: () => metric(admin, 'process_resident_memory_bytes'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await devchain.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function metric(admin: string, name: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

async function addresses(child: ChildProcess): Promise<{ admin: string; url: string }> {
  let admin = '';
  if (child.stdout === null) throw new Error('lp-signer was started without a pipe');
  for await (const line of createInterface(child.stdout)) {
    const [, label, url] = /^lp-signer (listening|admin) on (http:\S+)$/.exec(line) ?? [];
    if (label === 'admin') admin = url ?? '';
    if (label === 'listening') return { admin, url: url ?? '' };
  }
  throw new Error('lp-signer ended before it listened');
}

async function blockNumber(rpcUrl: string): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return ((await response.json()) as { result: string }).result; // as JSON-RPC has it
}
