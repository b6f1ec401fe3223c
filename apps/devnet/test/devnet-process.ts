import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A running `lp-devnet`, as users start it: built, in a process of its own, with a folder of its own. */
export interface DevnetProcess extends Disposable {
  readonly child: ChildProcess;
  readonly folder: string;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when its standard error has said so. Rejects when the process ends before. */
  said(text: string): Promise<void>;
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Names below the folder, without the logs. */
  leftFiles(): string[];
}

/** Starts the built program. Needs `npm run build` first, which `npm test` does. */
export function devnet(...args: string[]): DevnetProcess {
  if (!existsSync(MAIN)) throw new Error('apps/devnet is not built: run npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'lp-devnet-'));
  // Every process of the run inherits the mark, the chain and the guard too.
  const env = {
    ...process.env,
    LP_TEST_RUN: folder,
    LP_GATEWAY_PORT: '0',
    LP_SIGNER_PORT: '0',
    LP_ORCHESTRATOR_PORT: '0',
  };
  const child = spawn(process.execPath, [MAIN, '--folder', folder, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const look of waiting) look();
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('close', (code, by) => resolve(code ?? by ?? ''));
    child.once('error', reject);
  });
  return {
    child,
    folder,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without saying ${text}:\n${stderr}`)));
      }),
    leftFiles: () => readdirSync(folder).filter((name) => name !== 'logs'),
    [Symbol.dispose]() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ids of running processes (Linux) whose command line or environment mentions the text. */
export function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const about = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
        return about('environ').includes(text) || about('cmdline').includes(text);
      } catch {
        return false; // gone meanwhile
      }
    })
    .map(Number);
}
