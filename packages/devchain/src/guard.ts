import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sees to it that nothing outlives this process, however it ends: a crash and SIGKILL included. */
export interface Guard {
  /** This child process (and its group, where it leads one) ends with us; forgotten once it exits. */
  watchProcess(child: ChildProcess): void;
  /** This directory is removed when we end. The caller removes it earlier and calls the returned function. */
  watchDirectory(path: string): () => void;
}

let guard: Guard | undefined;

/** The guard of this process: one small child process, started at the first call. */
export function processGuard(): Guard {
  guard ??= startGuard();
  return guard;
}

function startGuard(): Guard {
  const main = new URL(`./guard-main${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  // A child's pipe is a socket, and only sockets can be unref'ed; the types say less.
  (child.stdin as unknown as { unref(): void }).unref();
  const tell = (verb: string, value: string | number): void => {
    child.stdin.write(`${JSON.stringify([verb, value])}\n`);
  };
  return {
    watchProcess(watched) {
      const { pid } = watched;
      if (pid === undefined) return;
      tell('process', pid);
      watched.once('exit', () => tell('ended', pid));
    },
    watchDirectory(path) {
      tell('directory', path);
      return () => tell('removed', path);
    },
  };
}
