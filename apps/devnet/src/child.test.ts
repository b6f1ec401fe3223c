import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startChild } from './child.ts';

const folder = mkdtempSync(join(tmpdir(), 'lp-child-'));
afterAll(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
const log = join(folder, 'child.log');
let count = 0;
const program = (source: string, env: Record<string, string> = {}) => {
  const script = join(folder, `program-${count++}.mjs`);
  writeFileSync(script, source);
  return { name: 'app', script, env };
};
const LISTENS = 'console.log("lp-app listening on http://127.0.0.1:5"); setInterval(() => {}, 1000);';

describe('a child process', () => {
  it('is up when it says where it listens, and ends when asked', async () => {
    const source = `console.log('lp-app admin on http://127.0.0.1:4'); console.error(process.env.GREETING); ${LISTENS}`;
    const child = await startChild(program(source, { GREETING: 'hello' }), log, never);
    expect(child).toMatchObject({ url: 'http://127.0.0.1:5', also: { admin: 'http://127.0.0.1:4' } });
    await child.stop();
    expect(await child.exited).toEqual({ expected: true, how: 'SIGTERM' });
    expect(readFileSync(log, 'utf8')).toContain('hello');
    expect(readFileSync(log, 'utf8')).toContain('listening on');
  });

  it('that ends while starting is an error with the end of its log', async () => {
    const failing = program('console.error("the port is taken"); process.exit(3)');
    await expect(startChild(failing, log, never)).rejects.toMatchObject({
      code: 'child-start',
      message: expect.stringMatching(/^app: ended while starting \(exit code 3\)\n.*the port is taken/s),
    });
  });

  it('that ends later says so', async () => {
    const child = await startChild(program(`${LISTENS} setTimeout(() => process.exit(7), 20)`), log, never);
    expect(await child.exited).toEqual({ expected: false, how: 'exit code 7' });
    await child.stop();
  });

  it('takes its own children with it', async () => {
    const source = `import { spawn } from 'node:child_process';
      const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: ['ignore', 'inherit', 'inherit'] });
      console.log('lp-app grandchild on http://127.0.0.1/' + grandchild.pid);
      ${LISTENS}`;
    const child = await startChild(program(source), log, never);
    const grandchild = Number(new URL(child.also['grandchild'] ?? '').pathname.slice(1));
    expect(() => process.kill(grandchild, 0)).not.toThrow();
    await child.stop();
    // Ended at once; whoever adopted it may take a moment to notice.
    await expect.poll(() => isRunning(grandchild), { timeout: 5_000 }).toBe(false);
  });

  it('is not started after an abort, and ended by one while starting', async () => {
    const reason = new Error('enough');
    await expect(startChild(program(LISTENS), log, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const starting = startChild(program('setInterval(() => {}, 1000)'), log, stop.signal);
    stop.abort(reason);
    await expect(starting).rejects.toBe(reason);
  });
});

/** False also for a process that ended and that its parent has not noticed yet. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
