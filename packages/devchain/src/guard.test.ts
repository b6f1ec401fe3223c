import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

/** A parent that starts a child and a directory under guard, says so, and waits. */
const PARENT = `
import { spawn } from 'node:child_process';
import { processGuard } from ${JSON.stringify(new URL('./guard.ts', import.meta.url).href)};
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
  detached: true, stdio: ['ignore', 'inherit', 'inherit'],
});
processGuard().watchProcess(child);
processGuard().watchDirectory(process.env.GUARDED);
console.log('ready');
`;

it('ends the children and removes the directories of a parent that was killed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lp-guard-'));
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
    env: { ...process.env, GUARDED: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: parent.stdout })) {
    lines.push(line);
    // Both the parent and the child have written: the guard has its orders.
    if (lines.length === 2) parent.kill('SIGKILL');
  }
  // The output ended, so the child that shared it is gone too. The directory goes right after it.
  await expect.poll(() => existsSync(directory), { timeout: 5_000 }).toBe(false);
});
