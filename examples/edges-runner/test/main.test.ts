import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startTestOrchestrator } from '@lp/runner/testing';
import { createTransport } from '@lp/runtime';
import { expect, it } from 'vitest';
import { collectEvents, postStream } from './client.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;
const secretFile = join(mkdtempSync(join(tmpdir(), 'edges-')), 'secret');
writeFileSync(secretFile, 'bootstrap');

function start(env: Record<string, string>, args: string[] = []): ChildProcess {
  return spawn(process.execPath, ['--conditions=lp-source', main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', EDGES_RUNNER_SECRET_FILE: secretFile, EDGES_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

it('runs as a program: says where it listens, serves, and leaves on SIGTERM', async () => {
  await using orchestrator = await startTestOrchestrator();
  await using transport = createTransport();
  const child = start({ EDGES_ORCHESTRATOR_URL: orchestrator.url });
  const exited = once(child, 'exit');
  const log = text(child.stderr!);
  const [line] = await once(child.stdout!, 'data');
  expect(String(line)).toMatch(/^edges-runner listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  const { status, answer } = await postStream(transport, orchestrator.reserve('lp/edges').appUrl, {
    effect: 'edges',
  });
  expect(status).toBe(200);
  const events = collectEvents(answer.events, transport);
  const [registered] = orchestrator.runners;
  const tokens = [registered!.secret, ...[...registered!.sessions.values()].map(({ token }) => token)];
  expect(tokens).toHaveLength(2);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect((await events).at(-1)).toMatchObject({ type: 'ended', reason: 'shutdown' });
  expect(orchestrator.runners).toEqual([]);
  const lines = (await log).trim().split('\n');
  expect(lines.map((entry) => JSON.parse(entry).type)).toContain('registered');
  for (const secret of [...tokens, 'bootstrap']) expect(lines.join('\n')).not.toContain(secret);
});

it.each([
  [{}, [], 2, 'EDGES_ORCHESTRATOR_URL is missing'],
  [
    { EDGES_ORCHESTRATOR_URL: 'http://127.0.0.1:1', EDGES_APP: ' ' },
    ['--wrong'],
    2,
    'unknown argument --wrong',
  ],
  [{ EDGES_ORCHESTRATOR_URL: 'http://127.0.0.1:1', EDGES_HOST: '0.0.0.0' }, [], 2, 'EDGES_PUBLIC_URL'],
] as const)('stops with a reason when set up wrong: %j %j', async (env, args, code, message) => {
  const child = start(env, [...args]);
  const [errors, [exit]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(exit).toBe(code);
  expect(errors).toContain(message);
});

it('is refused with a wrong secret', async () => {
  await using orchestrator = await startTestOrchestrator({ secret: 'another' });
  const child = start({ EDGES_ORCHESTRATOR_URL: orchestrator.url });
  const [errors, [exit]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(exit).toBe(1);
  expect(errors).toContain('refused the bootstrap secret');
});

it('prints its help', async () => {
  const child = start({}, ['--help']);
  const [output, [exit]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(exit).toBe(0);
  expect(output).toContain('EDGES_ORCHESTRATOR_URL');
});
