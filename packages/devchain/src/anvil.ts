import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { anvilBinary } from './anvil-binary.ts';
import { processGuard } from './guard.ts';

/** A running anvil. */
export interface Anvil {
  readonly rpcUrl: string;
  readonly pid: number;
  /** Fulfilled when the process is gone, asked for or not. */
  readonly exited: Promise<void>;
  /** Ends the process and waits for it. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;

/** Base fee and `eth_gasPrice` are 1 wei; transactions keep their order; blocks come only on demand. */
const ARGUMENTS =
  '--host 127.0.0.1 --port 0 --base-fee 1 --gas-price 1 --disable-min-priority-fee --gas-limit 1000000000 --hardfork cancun --order fifo --no-mining'.split(
    ' ',
  );

/**
 * Starts anvil on a free port of 127.0.0.1. It ends with {@link Anvil.close}, with `signal`, and with this process.
 *
 * @throws `Error` when it does not listen in time or exits early, with what it wrote
 */
export async function startAnvil(options: { signal?: AbortSignal } = {}): Promise<Anvil> {
  const { signal } = options;
  signal?.throwIfAborted();
  // A process group of its own: Ctrl-C of a terminal reaches the parent, which decides.
  const child = spawn(anvilBinary(), ARGUMENTS, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  // Subscribed at once, so that an early end is never missed; a failed spawn has no exit event.
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  processGuard().watchProcess(child);
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  };
  try {
    const rpcUrl = await listening(child, signal);
    signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    if (child.pid === undefined) throw new Error('anvil has no process id');
    return { rpcUrl, pid: child.pid, exited, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits for the line that names the port; output after it is read and dropped. */
function listening(child: ChildProcess, signal: AbortSignal | undefined): Promise<string> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('anvil started without output');
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < 4_000) complaint += chunk.toString();
  });
  const stop = AbortSignal.any([
    AbortSignal.timeout(START_TIMEOUT_MS),
    ...(signal === undefined ? [] : [signal]),
  ]);
  const lines = createInterface({ input: stdout });
  const found = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const address = /^Listening on (\S+:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
    child.once('error', (cause) => reject(new Error('anvil does not start', { cause })));
    child.once('exit', (code, by) => reject(new Error(`anvil ended early (${code ?? by}): ${complaint}`)));
  });
  return found.finally(() => {
    lines.close();
    stdout.resume();
  });
}
