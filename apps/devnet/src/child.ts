import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { processGuard } from '@lp/devchain';
import { deadline } from '@lp/runtime';

/** A program of the network, to be started with the running Node. */
export interface Program {
  /** As in messages and in the name of its log. */
  readonly name: string;
  /** Path of its JavaScript. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program that listens. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** As it printed it: `<name> listening on <url>`. */
  readonly url: string;
  /** Its other listeners: `<name> <label> on <url>`. */
  readonly also: Readonly<Record<string, string>>;
  /** Fulfilled at the end of the process; the text says how, and whether it was asked to. */
  readonly exited: Promise<{ readonly expected: boolean; readonly how: string }>;
  /** Asks it to end, insists after a while, and waits. */
  stop(): Promise<void>;
}

/** A program did not come up. */
export class ChildStartError extends Error {
  override readonly name = 'ChildStartError';
  readonly code = 'child-start';
}

const START_MS = 30_000;
/** Longer than the apps' own drain deadlines. */
const STOP_MS = 18_000;
const LOG_TAIL_LINES = 8;

/**
 * Starts a program in a process group of its own and waits until it says that it listens. Its output goes to
 * `logFile`. The guard ends it should this process die.
 *
 * @throws ChildStartError with the end of its log; the reason of `signal`
 */
export async function startChild(program: Program, logFile: string, signal: AbortSignal): Promise<Child> {
  signal.throwIfAborted();
  // A new file: another network in the same folder may still write to the old one.
  rmSync(logFile, { force: true });
  const log = openSync(logFile, 'wx', 0o600);
  const child = spawn(process.execPath, [program.script], {
    detached: true,
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'pipe', log],
  });
  processGuard().watchProcess(child);
  let stopping = false;
  const exited = new Promise<{ expected: boolean; how: string }>((resolve) => {
    child.once('exit', (code, by) => {
      resolve({ expected: stopping, how: by === null ? `exit code ${code}` : by });
    });
    child.once('error', (error) => resolve({ expected: stopping, how: error.message }));
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    signalGroup(child, 'SIGTERM');
    using limit = deadline(STOP_MS);
    await Promise.race([exited, aborted(limit.signal)]);
    signalGroup(child, 'SIGKILL');
    await exited;
  };
  try {
    const { url, also } = await listening(child, program.name, { log, exited, signal });
    if (child.pid === undefined) throw new ChildStartError(`${program.name} has no process id`);
    return { name: program.name, pid: child.pid, url, also, exited, stop };
  } catch (error) {
    await stop();
    if (signal.aborted) throw signal.reason;
    throw new ChildStartError(`${program.name}: ${(error as Error).message}\n${logTail(logFile)}`, {
      cause: error,
    });
  }
}

/** Reads standard output to its end, copies it to the log, and resolves at the line that ends the start. */
async function listening(
  child: ChildProcess,
  name: string,
  on: { readonly log: number; readonly exited: Child['exited']; readonly signal: AbortSignal },
): Promise<Pick<Child, 'url' | 'also'>> {
  const { stdout } = child;
  if (stdout === null) throw new ChildStartError('started without output');
  const also: Record<string, string> = {};
  using limit = deadline(START_MS, on.signal);
  return await new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => {
      writeSync(on.log, `${line}\n`);
      const [, label, url] = /^\S+ (listening|\w+) on (https?:\/\/\S+)$/.exec(line) ?? [];
      if (label === undefined || url === undefined) return;
      if (label === 'listening') resolve({ url, also });
      else also[label] = url;
    });
    lines.once('close', () => closeSync(on.log));
    limit.signal.addEventListener('abort', () => reject(new Error(`${name} does not listen in time`)), {
      once: true,
    });
    on.exited.then(({ how }) => reject(new Error(`ended while starting (${how})`)), reject);
  });
}

function signalGroup(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // Nothing of the group is left.
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** The last lines of a log, for an error message. */
function logTail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}
