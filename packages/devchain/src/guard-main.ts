// The guard's process: hears of processes and directories on standard input and, when the input ends because the
// parent closed it or died, ends what is left of them. Started by guard.ts, in a process group of its own.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const processes = new Set<number>();
const directories = new Set<string>();

/** Ends a process group, or the process alone where it leads no group. */
function end(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
      return;
    } catch {
      // Gone already, or no group of that id: try the process itself.
    }
  }
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [verb, value] = JSON.parse(line) as [string, string | number];
  if (verb === 'process') processes.add(Number(value));
  else if (verb === 'ended') processes.delete(Number(value));
  else if (verb === 'directory') directories.add(String(value));
  else if (verb === 'removed') directories.delete(String(value));
});
lines.on('close', () => {
  for (const pid of processes) end(pid);
  for (const path of directories) rmSync(path, { recursive: true, force: true });
});
// A terminal's Ctrl-C is for the parent; the guard leaves when its input ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
