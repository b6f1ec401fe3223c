import { readFile } from 'node:fs/promises';
import { privateKeySigner } from '@lp/pm';
import { ratio } from '@lp/pricing';
import { createTransport, systemClock, systemRandom } from '@lp/runtime';
import { expect, test } from 'vitest';
import { serve } from '../test/serve.ts';
import * as api from './index.ts';
import { openSession, type SessionEvent } from './index.ts';
import { type TestOrchestrator, testChain, testOrchestrator, testSigner } from './testing/index.ts';

const peers = async () => {
  const ports = { clock: systemClock, random: systemRandom, chain: testChain(systemClock) };
  const signer = testSigner({ ...ports, key: privateKeySigner(`0x${'42'.repeat(32)}`) });
  const stopped = new AbortController();
  let orchestrator: TestOrchestrator | undefined;
  const orchestratorServer = await serve((request) => {
    if (orchestrator === undefined) throw new Error('not yet');
    return orchestrator.handle(request);
  });
  orchestrator = testOrchestrator({ ...ports, url: orchestratorServer.url, signal: stopped.signal });
  const signerServer = await serve((request) => signer.handle(request));
  return {
    signer,
    orchestrator,
    signerUrl: signerServer.url,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await orchestratorServer[Symbol.asyncDispose]();
      await signerServer[Symbol.asyncDispose]();
    },
  };
};

test('over real sockets: open, call, close, and a receipt that agrees with the ledger', async () => {
  await using world = await peers();
  await using transport = createTransport();
  const events: SessionEvent[] = [];
  const session = await openSession({
    app: 'lp/edges',
    signer: { url: world.signerUrl },
    discovery: { kind: 'orchestrators', urls: [world.orchestrator.url] },
    maxPrice: { usd: '3600', unit: 'hour', weiPerUsd: ratio(10n ** 9n) },
    maxSpend: 10n ** 12n,
    transport,
    onEvent: (event) => events.push(event),
  });
  const answer = await session.app.request('stream', { body: '{"effect":"edges"}' });
  expect(answer.status).toBe(200);
  const receipt = await session.close();
  expect(world.orchestrator.sessions.size).toBe(0);
  expect(receipt.paid.tickets).toBe(world.orchestrator.accounts.get(session.id)?.tickets);
  expect(events.at(-1)?.type).toBe('closed');
});

test('over real sockets: a signer that is gone is a connection refused, and said so', async () => {
  await using world = await peers();
  await using transport = createTransport();
  const gone = await serve(() => Promise.reject(new Error('never')));
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  await expect(
    openSession({
      app: 'lp/edges',
      signer: { url },
      discovery: { kind: 'orchestrators', urls: [world.orchestrator.url] },
      transport,
    }),
  ).rejects.toMatchObject({ code: 'signer-unreachable', cause: { code: 'connect' } });
});

test('the exports are a decision', () => {
  expect(Object.keys(api).toSorted()).toEqual([
    'NoRunnerError',
    'PriceError',
    'ReservationError',
    'SessionDroppedError',
    'SessionEndedError',
    'SessionOptionError',
    'SignerError',
    'SpendLimitError',
    'openSession',
    'resumeSession',
    'signerClient',
  ]);
});

test('the README names every error and every end', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  for (const name of Object.keys(api).filter((key) => key.endsWith('Error')))
    expect(readme).toContain(`\`${name}\``);
  const types = await readFile(new URL('./funding/state.ts', import.meta.url), 'utf8');
  const reasons = /export type EndReason =([^;]*);/.exec(types)?.[1]?.matchAll(/\| '([a-z-]+)'/g) ?? [];
  for (const [, reason] of reasons) expect(readme).toContain(`\`${reason}\``);
});
