import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom, simulatedClock } from '@lp/runtime/testing';
import { createLogger, type RunningService } from '@lp/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOrchestrator } from '../src/start-orchestrator.ts';

let runner: Server;
let running: RunningService;
let control: string;
let token: string;

/** A session on a runner that tells which headers reach it. */
beforeEach(async () => {
  let seen: IncomingHttpHeaders = {};
  runner = createServer((request, response) => {
    seen = request.headers;
    response.end();
  });
  await new Promise<void>((resolve) => runner.listen(0, '127.0.0.1', resolve));
  running = await startOrchestrator(
    {
      host: '127.0.0.1',
      port: 0,
      adminHost: '127.0.0.1',
      adminPort: 0,
      serviceUrl: undefined,
      runnerUrl: 'http://inside.test',
      tlsCert: undefined,
      tlsKey: undefined,
      insecureHttp: false,
      runnerSecret: 'bootstrap',
      runners: undefined,
      maxRunners: 10,
      ticketEvWei: 1n,
      maxFaceValueWei: 0n,
      redeemGas: 1000,
      weiPerUsd: undefined,
      debitIntervalMs: 5_000,
      dataDir: 'not used off-chain',
    },
    { clock: simulatedClock(), random: seededRandom(7) },
    {
      log: createLogger({ name: 'test', level: 'silent' }),
      fail: (error) => expect.unreachable(String(error)),
    },
  );
  const { port } = runner.address() as AddressInfo;
  await fetch(`${running.url}/runners/heartbeat`, {
    method: 'POST',
    headers: { authorization: 'bootstrap' },
    body: JSON.stringify({ runner_id: 'r', runner_url: `http://127.0.0.1:${port}`, app: 'a' }),
  });
  const session = await fetch(`${running.url}/apps/r/session`, { method: 'POST' });
  const { app_url: appUrl, session_id: id } = (await session.json()) as Record<string, string>;
  await fetch(`${appUrl}/`);
  token = String(seen['livepeer-session-token']);
  expect(seen['livepeer-session-control']).toBe(`http://inside.test/runner/r/session/${id}`);
  control = `${running.url}/runner/r/session/${id}`;
});
afterEach(async () => {
  await running.close(AbortSignal.abort());
  runner.closeAllConnections();
  await new Promise((resolve) => runner.close(resolve));
});

async function call(
  method: string,
  path: string,
  body?: unknown,
  secret = token,
): Promise<[number, unknown]> {
  const answer = await fetch(path.startsWith('http') ? path : control + path, {
    method,
    headers: { 'livepeer-session-token': secret },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return [answer.status, answer.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text];
}

test('channels are created once, described with both URLs, and deleted (live-runner.md section 10.3)', async () => {
  const id = control.slice(control.lastIndexOf('/') + 1);
  const out = {
    name: 'out-1',
    channel_name: `${id}-out-1`,
    url: `${running.url}/ai/trickle/${id}-out-1`,
    internal_url: `http://inside.test/ai/trickle/${id}-out-1`,
    mime_type: 'application/octet-stream',
  };
  // Keys in any case and null for absent, as Go reads them.
  expect(await call('POST', '/channels', { Channels: [{ name: ' out/1 ', mime_type: null }] })).toEqual([
    200,
    { channels: [out] },
  ]);
  expect(await call('POST', '/channels', { channels: [{ name: 'out-1', mime_type: 'x/y' }] })).toEqual([
    200,
    { channels: [out] },
  ]);
  expect(await call('DELETE', '/channels', { channels: ['out-1'] })).toEqual([200, { deleted: ['out-1'] }]);
  expect(await call('DELETE', '/channels', { channels: ['out-1'] })).toEqual([
    404,
    'trickle channel not found\n',
  ]);
});

test.each([
  [{}, 'channels is required\n'],
  [{ channels: [] }, 'channels is required\n'],
  [{ channels: null }, 'channels is required\n'],
  [
    { channels: Array.from({ length: 26 }, (_, i) => ({ name: `c${i}` })) },
    'channels cannot contain more than 25 entries\n',
  ],
])('a list of channels %# is refused with upstream’s words', async (body, text) => {
  expect(await call('POST', '/channels', body)).toEqual([400, text]);
});

test('the token is asked for after the session, and a stop works once', async () => {
  for (const [method, path] of [
    ['POST', '/channels'],
    ['DELETE', '/channels'],
    ['POST', '/stop'],
  ] as const) {
    expect(await call(method, path, {}, 'wrong')).toEqual([401, 'invalid authorization\n']);
    expect(await call(method, `${control}x${path}`, {}, 'wrong')).toEqual([
      404,
      'runner session not found\n',
    ]);
  }
  expect(await call('POST', '/stop')).toEqual([204, '']);
  expect(await call('POST', '/stop')).toEqual([404, 'runner session not found\n']);
});
