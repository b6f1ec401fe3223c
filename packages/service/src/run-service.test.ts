import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const APP = join(import.meta.dirname, '../test/sample-app.ts');

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly exit: Promise<number | null>;
}

function start(args: string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['--conditions=lp-source', APP, ...args], {
    env: { ...process.env, ...env },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output, errors: () => errors, exit };
}

async function listening(started: Started): Promise<string> {
  for (;;) {
    const url = /lp-sample listening on (\S+)\n/.exec(started.output())?.[1];
    if (url !== undefined) return url;
    // Ends by itself when the process ends first: `data` never comes then, `exit` does.
    await Promise.race([once(started.child.stdout!, 'data'), started.exit]);
    if (started.child.exitCode !== null) throw new Error(`ended early: ${started.errors()}`);
  }
}

async function logged(started: Started, text: string): Promise<void> {
  while (!started.errors().includes(text)) await once(started.child.stderr!, 'data');
}

describe('runService', () => {
  it('prints where it listens, and closes with 0 on a signal although a client keeps its connection', async () => {
    const started = start(['--greeting', 'hi', '--loud']);
    const url = await listening(started);
    expect(started.output()).toMatch(/^lp-sample admin on http:\S+\nlp-sample listening on http:\S+\n$/);
    expect(await (await fetch(url)).text()).toBe('HI');
    const slow = fetch(`${url}/slow`).catch(() => 'arrived after the listener had closed');
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
    await slow;
    for (const line of started.errors().trim().split('\n'))
      expect(JSON.parse(line)).toHaveProperty('name', 'lp-sample');
  });

  it('ends with 1 on a second signal', async () => {
    const started = start([]);
    const url = await listening(started);
    const hanging = fetch(`${url}/hang`).catch(() => 'cut');
    await logged(started, 'hanging');
    started.child.kill('SIGINT');
    await logged(started, '"closing"');
    started.child.kill('SIGINT');
    expect(await started.exit).toBe(1);
    await hanging;
  });

  it('reloads on SIGHUP where it can, and survives a reload that fails', async () => {
    const started = start(['--reloads']);
    const url = await listening(started);
    started.child.kill('SIGHUP');
    await logged(started, 'reload failed; everything stays as it was');
    started.child.kill('SIGHUP');
    await logged(started, '"reloaded"');
    expect(await (await fetch(url)).text()).toBe('hello');
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
  });

  it('reloads after the start what is to be reloaded during it', async () => {
    const started = start(['--reloads', '--held']);
    await logged(started, '"held"');
    started.child.kill('SIGHUP');
    await logged(started, 'reload');
    started.child.stdin?.write('go on\n');
    await listening(started);
    await logged(started, 'reload failed; everything stays as it was'); // so it was called
    started.child.kill('SIGTERM');
    expect(await started.exit).toBe(0);
  });

  it.each([
    ['/fail', 'background work died'],
    ['/throw', 'nobody caught this'],
  ])('logs the error, drains and ends with 1 after %s', async (path, message) => {
    const started = start([]);
    const url = await listening(started);
    await fetch(url + path, { method: 'POST' }).catch(() => {});
    expect(await started.exit).toBe(1);
    expect(started.errors()).toContain(message);
  });

  it('says nothing when the reader of --help has seen enough', async () => {
    const started = start(['--help']);
    started.child.stdout?.destroy();
    expect(await started.exit).toBe(0);
    expect(started.errors()).toBe('');
  });

  it('ends with 2 and a message on a bad configuration', async () => {
    const started = start(['--port', '70000']);
    expect(await started.exit).toBe(2);
    expect(started.output()).toBe('');
    expect(started.errors()).toContain(
      '--port (LP_SAMPLE_PORT): got "70000", allowed is a whole number from 0 to 65535',
    );
  });

  it('ends with 1 and one line, without a stack, when its port is taken', async () => {
    const first = start([]);
    const { port } = new URL(await listening(first));
    const second = start(['--port', port]);
    expect(await second.exit).toBe(1);
    expect(second.errors()).toMatch(/^lp-sample: port \d+ on 127\.0\.0\.1 is in use: [^\n]*\n$/);
    first.child.kill('SIGTERM');
    await first.exit;
  });

  it('prints help and ends with 0', async () => {
    const started = start(['--help']);
    expect(await started.exit).toBe(0);
    expect(started.output()).toContain('LP_SAMPLE_PORT');
  });
});
