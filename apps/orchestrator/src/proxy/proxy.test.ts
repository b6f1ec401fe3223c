import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { systemClock, systemRandom } from '@lp/runtime';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { MemoryChannels } from '../../test/memory-channels.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { parseRegistration } from '../registry/registration.ts';
import { Registry } from '../registry/registry.ts';
import type { Runner } from '../registry/runner.ts';
import { toReply } from '../routes/errors.ts';
import { httpProxy } from './http-proxy.ts';
import { acceptUpgrades } from './upgrade-proxy.ts';

let runnerServer: Server;
let sockets: WebSocketServer;
let registry: Registry;
let runner: Runner;
let app: FastifyInstance;
let base: string;
let seen: IncomingMessage | undefined;

beforeEach(async () => {
  runnerServer = createServer((request, response) => {
    seen = request;
    if (request.url?.includes('/hang')) return;
    if (request.url?.includes('/forever')) {
      response.write('first');
      return;
    }
    response.writeHead(201, { 'x-runner': 'yes', connection: 'close' });
    request.pipe(response);
  });
  sockets = new WebSocketServer({ server: runnerServer });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  await new Promise<void>((resolve) => runnerServer.listen(0, '127.0.0.1', resolve));
  const runnerUrl = `http://127.0.0.1:${(runnerServer.address() as AddressInfo).port}/base`;

  registry = new Registry({
    clock: systemClock,
    random: systemRandom,
    channels: new MemoryChannels(),
    maxRunners: 5,
    bootstrapSecret: 'bootstrap',
  });
  runner = registry.heartbeat({
    runnerId: 'r',
    authorization: 'bootstrap',
    registration: parseRegistration({ runner_url: runnerUrl, app: 'a', capacity: 5 }, { priced: false }),
  }).runner;
  // The proxy uses the registry and the URLs; nothing else of the orchestrator is needed here.
  const orchestrator = {
    registry,
    urls: () => ({ service: 'http://o', runner: 'http://o-inside' }),
  } as Orchestrator;
  app = fastify({ forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    const { body, headers, status } = toReply(error);
    return reply
      .code(status)
      .headers(headers ?? {})
      .send(body);
  });
  await app.register(httpProxy, { orchestrator });
  acceptUpgrades(app.server, orchestrator);
  app.get('/plain', (_request, reply) => reply.send('plain'));
  base = `${await app.listen({ host: '127.0.0.1', port: 0 })}/apps/r/session`;
});

afterEach(async () => {
  registry.close();
  for (const client of sockets.clients) client.terminate();
  await app.close();
  runnerServer.closeAllConnections();
  await new Promise((resolve) => runnerServer.close(resolve));
});

test('passes method, path, query and body, and adds the identity of the session', async () => {
  const session = registry.reserve(runner, 's1');
  const answer = await fetch(`${base}/s1/app/a%20b//c?x=1&y=%2F`, {
    method: 'PUT',
    body: 'hello',
    headers: { 'x-forwarded-for': '1.2.3.4', 'livepeer-session-token': 'forged', authorization: 'kept' },
  });
  expect([answer.status, answer.headers.get('x-runner'), await answer.text()]).toEqual([201, 'yes', 'hello']);
  expect([seen?.method, seen?.url]).toEqual(['PUT', '/base/a%20b//c?x=1&y=%2F']);
  expect(seen?.headers).toMatchObject({
    'livepeer-runner-route': 'r',
    'livepeer-session-id': 's1',
    'livepeer-session-token': session.token,
    'livepeer-session-control': 'http://o-inside/runner/r/session/s1',
    authorization: 'kept',
  });
  expect(seen?.headers['x-forwarded-for']).toBeUndefined();
});

test('answers with and without a trailing slash, without a redirect', async () => {
  registry.reserve(runner, 's1');
  for (const path of ['/s1/app', '/s1/app/']) {
    const answer = await fetch(base + path, { method: 'POST', body: 'x', redirect: 'error' });
    expect([answer.status, seen?.method, seen?.url]).toEqual([201, 'POST', '/base/']);
  }
});

test('never leaves the path that the runner registered', async () => {
  registry.reserve(runner, 's1');
  const { hostname, port } = new URL(base);
  for (const path of ['/../../etc', '/%2e%2e/%2E%2e/etc', '//elsewhere.invalid/x']) {
    const { request } = await import('node:http');
    await new Promise<void>((resolve, reject) => {
      request({ hostname, port, path: `/apps/r/session/s1/app${path}` }, (answer) =>
        answer.resume().on('end', resolve),
      )
        .on('error', reject)
        .end();
    });
    expect(seen?.url?.startsWith('/base/')).toBe(true);
  }
});

test('an unknown session is 404, an unreachable runner 502', async () => {
  expect((await fetch(`${base}/none/app/`)).status).toBe(404);
  registry.reserve(runner, 's1');
  runnerServer.closeAllConnections();
  await new Promise((resolve) => runnerServer.close(resolve));
  expect((await fetch(`${base}/s1/app/`)).status).toBe(502);
});

test('release cuts what is in flight', async () => {
  const session = registry.reserve(runner, 's1');
  const answer = await fetch(`${base}/s1/app/forever`);
  const reader = answer.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('first');
  const waiting = fetch(`${base}/s1/app/hang`);
  await new Promise((resolve) => runnerServer.once('request', resolve));
  registry.release(runner, session, 'insufficient-balance');
  await expect(reader.read()).rejects.toThrow();
  expect((await waiting).status).toBe(502);
});

test('a WebSocket goes through both ways and ends with the session', async () => {
  const session = registry.reserve(runner, 's1');
  const socket = new WebSocket(`${base.replace('http', 'ws')}/s1/app/ws`);
  await new Promise((resolve) => socket.once('open', resolve));
  const echoed = new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
  socket.send('ping');
  expect(await echoed).toBe('ping');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  registry.release(runner, session, 'stopped-by-runner');
  await closed;
});

test('a WebSocket to a session that is not there is refused with 404', async () => {
  const socket = new WebSocket(`${base.replace('http', 'ws')}/none/app/ws`);
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toContain('404');
});

/** Sends bytes as they are and gives the head of the answer. */
async function rawRequest(path: string, headers: readonly string[]): Promise<string> {
  const { port } = new URL(base);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\n${['host: o', ...headers].join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    text += chunk;
    if (text.includes('\r\n\r\n')) break;
  }
  return text;
}
const UPGRADE = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];

test.each(['\\\\[x', '\\[x', '//[x', '%5B%5D:'])('takes %j as a path, not as a host', async (path) => {
  registry.reserve(runner, 's1');
  expect(await rawRequest(`/apps/r/session/s1/app/${path}`, ['connection: close'])).toMatch(
    /^HTTP\/1.1 201 /,
  );
  expect(seen?.url).toMatch(/^\/base\//);
  const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==';
  expect(await rawRequest(`/apps/r/session/s1/app/${path}`, [...UPGRADE, key])).toMatch(/^HTTP\/1.1 101 /);
});

test('survives an upgrade whose request cannot be built', async () => {
  registry.reserve(runner, 's1');
  Object.defineProperty(runner, 'route', { value: 'r\u2192' });
  const answer = await rawRequest('/apps/r/session/s1/app/x', UPGRADE);
  expect(answer).toMatch(/^HTTP\/1.1 502 /);
});

test('does not tell clients where the runner is', async () => {
  registry.reserve(runner, 's1');
  const gone = new URL(runner.registration.runnerUrl);
  gone.port = '1';
  runner.registration = { ...runner.registration, runnerUrl: gone };
  const answer = await fetch(`${base}/s1/app/x`);
  expect([answer.status, await answer.text()]).toEqual([
    502,
    'the runner could not be reached (ECONNREFUSED)\n',
  ]);
  const upgrade = await rawRequest('/apps/r/session/s1/app/x', UPGRADE);
  expect(upgrade).toMatch(/^HTTP\/1.1 502 /);
  expect(upgrade).not.toContain('127.0.0.1');
});

test('answers requests that merely offer another protocol', async () => {
  const offer = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABk'];
  expect(await rawRequest('/plain', offer)).toMatch(/^HTTP\/1.1 200 /);
  registry.reserve(runner, 's1');
  expect(await rawRequest('/apps/r/session/s1/app/x', offer)).toMatch(/^HTTP\/1.1 201 /);
});
