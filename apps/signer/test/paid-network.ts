import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Devchain, startDevchain } from '@lp/devchain';
import { encryptKeystoreJson } from 'ethers';
import { newApiKey } from '../src/commands/key.ts';
import { type SignerProcess, spawnSigner } from './signer-process.ts';

/** A chain, an orchestrator with a paid runner, and a signer that asks for a key: all as processes, from source. */
export interface PaidNetwork extends AsyncDisposable {
  readonly chain: Devchain;
  readonly signer: SignerProcess;
  readonly signerUrl: string;
  readonly orchestratorUrl: string;
  /** What callers of the signer send. */
  readonly headers: Readonly<Record<string, string>>;
  readonly app: string;
  /** The orchestrator's account of a session. */
  ledger(manifestId: string): Promise<Record<string, unknown>>;
}

const APP = 'lp/edges';
/** 0.50 USD an hour at 2,000 USD for one ETH; a ticket is worth one second. */
const WEI_PER_SECOND = 69_444_444_444n;

/** Starts everything and waits until the signer's discovery lists the runner. */
export async function startPaidNetwork(): Promise<PaidNetwork> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'lp-network-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const chain = stack.use(await startDevchain({ roundLength: 1000 }));
    const [operator] = chain.accounts.orchestrators;
    const file = async (name: string, text: string) => {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const secret = await file('runner-secret', 'a-secret-of-the-test-network');
    const orchestrator = stack.use(
      startProgram('orchestrator', '../../orchestrator/src/main.ts', {
        LP_ORCHESTRATOR_PORT: '0',
        LP_ORCHESTRATOR_ADMIN_PORT: '0',
        LP_ORCHESTRATOR_RUNNER_SECRET_FILE: secret,
        LP_ORCHESTRATOR_KEYSTORE_FILE: await file(
          'operator',
          await encryptKeystoreJson(operator, 'right', { scrypt: { N: 1024 } }),
        ),
        LP_ORCHESTRATOR_PASSWORD_FILE: await file('password', 'right'),
        LP_ORCHESTRATOR_RPC_URL: chain.rpcUrl,
        LP_ORCHESTRATOR_CONTROLLER: chain.controller,
        LP_ORCHESTRATOR_PRICE_FEED: chain.priceFeed,
        LP_ORCHESTRATOR_TICKET_EV_WEI: WEI_PER_SECOND.toString(),
        LP_ORCHESTRATOR_MAX_FACE_VALUE_WEI: (2n * WEI_PER_SECOND).toString(),
        LP_ORCHESTRATOR_DEBIT_INTERVAL_MS: '1000',
        LP_ORCHESTRATOR_DATA_DIR: join(folder, 'orchestrator'),
      }),
    );
    const orchestratorUrl = await orchestrator.url('listening');
    const adminUrl = await orchestrator.url('admin');
    const runner = stack.use(
      startProgram('edges-runner', '../../../examples/edges-runner/src/main.ts', {
        EDGES_ORCHESTRATOR_URL: orchestratorUrl,
        EDGES_RUNNER_SECRET_FILE: secret,
        EDGES_PORT: '0',
        EDGES_PRICE_USD_PER_HOUR: '0.50',
        EDGES_APP: APP,
      }),
    );
    await runner.url('listening');
    const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
    const { key, line } = newApiKey('foreign-client', random);
    const signer = stack.use(
      await spawnSigner({
        account: chain.accounts.sender,
        files: { keys: line },
        flags: (at) => [
          '--rpc-url',
          chain.rpcUrl,
          '--controller',
          chain.controller,
          '--api-keys-file',
          join(at, 'keys'),
          '--orchestrators',
          orchestratorUrl,
          '--discovery-interval-ms',
          '1000',
          '--log-level',
          'debug',
        ],
      }),
    );
    const signerUrl = await signer.address('listening');
    const headers = { authorization: `Bearer ${key}` };
    await until(async () => (await fetch(`${signerUrl}/discover-orchestrators`, { headers })).status === 200);
    const kept = stack.move();
    return {
      chain,
      signer,
      signerUrl,
      orchestratorUrl,
      headers,
      app: APP,
      ledger: async (manifestId) =>
        (await (await fetch(`${adminUrl}/ledger/${manifestId}`)).json()) as Record<string, unknown>,
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Asks every 100 ms, at most 30 s. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not come about within 30 s');
}

interface Started extends AsyncDisposable {
  url(label: string): Promise<string>;
}

function startProgram(name: string, path: string, env: Readonly<Record<string, string>>): Started {
  const script = new URL(path, import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, ['--conditions=lp-source', script], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exited = once(child, 'close');
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  if (child.stdout === null) throw new Error(`${name} started without output`);
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const wake of waiting.splice(0)) wake();
  });
  const url = async (label: string): Promise<string> => {
    for (;;) {
      const found = lines.map((line) => new RegExp(`${label} on (http\\S+)`).exec(line)?.[1]).find(Boolean);
      if (found !== undefined) return found;
      const more = new Promise<void>((resolve) => void waiting.push(resolve));
      const ended = exited.then(() => Promise.reject(new Error(`${name} ended: ${output.slice(-2000)}`)));
      await Promise.race([more, ended]);
    }
  };
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(giveUp);
    },
  };
}
