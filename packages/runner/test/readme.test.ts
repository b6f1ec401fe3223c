import { readFileSync } from 'node:fs';
import { createTransport } from '@lp/runtime';
import { expect, it } from 'vitest';
import { startTestOrchestrator } from '../src/testing/index.ts';
import { startRunner } from './readme-example.ts';

it('shows an example that works', async () => {
  const text = readFileSync(new URL('readme-example.ts', import.meta.url), 'utf8');
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(text);
  await using orchestrator = await startTestOrchestrator();
  const { app, registration } = await startRunner(orchestrator.url, 'bootstrap');
  await using transport = createTransport();
  const call = (url: string) => transport.request({ method: 'POST', url, timeoutMs: 5_000 });
  const { status, body } = await call(`${orchestrator.reserve('example/hello').appUrl}/hello`);
  expect(status).toBe(200);
  expect(JSON.parse(new TextDecoder().decode(body)).events).toContain(`${orchestrator.url}/ai/trickle/`);
  expect((await call(`${app.listeningOrigin}/hello`)).status).toBe(403);
  await app.close();
  await registration.closed;
  expect(orchestrator.runners).toEqual([]);
});
