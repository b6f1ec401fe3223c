import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport } from '@lp/runtime';
import { publishTo, subscribe } from '@lp/trickle';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Registration, type RunnerEvent, registerRunner, runnerSession } from '../src/index.ts';
import { startTestOrchestrator, type TestOrchestrator } from '../src/testing/index.ts';
import { until } from './until.ts';

let orchestrator: TestOrchestrator;
let registration: Registration;
let events: RunnerEvent[];
/** Headers of the requests that reached the runner. */
let arrived: IncomingHttpHeaders[];
const transport = createTransport();
const app = createServer((request, response) => {
  arrived.push(request.headers);
  response.end(`seen ${request.url}`);
});

beforeEach(async () => {
  events = [];
  arrived = [];
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  orchestrator = await startTestOrchestrator({ heartbeatIntervalMs: 500 });
  registration = await registerRunner({
    orchestrator: orchestrator.url,
    secret: 'bootstrap',
    runnerUrl: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
    app: 'lp/test',
    capacity: 2,
    transport,
    onEvent: (event) => events.push(event),
  });
});

afterEach(async () => {
  await registration.close();
  await orchestrator.close();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

/** A session as the runner meets it: through the proxied request of a client. */
async function openSession() {
  const reservation = orchestrator.reserve('lp/test');
  const response = await transport.request({
    method: 'GET',
    url: `${reservation.appUrl}/hello`,
    timeoutMs: 5_000,
  });
  expect(new TextDecoder().decode(response.body)).toBe('seen /hello');
  return { reservation, headers: arrived.at(-1)!, session: await registration.session(arrived.at(-1)!) };
}

describe('a registered runner', () => {
  it('hears of sessions that begin and end', async () => {
    const { reservation, session } = await openSession();
    expect(registration.sessionIds).toEqual([reservation.sessionId]);
    orchestrator.release(reservation.sessionId);
    await until(() => session.signal!.aborted, 'the release reaches the runner');
    expect(session.signal!.reason).toMatchObject({ reason: 'released' });
    await expect(session.createChannels([{ name: 'in' }])).rejects.toMatchObject({ code: 'session-ended' });
    await session.stop();
  });

  it('creates channels that carry data, and deletes them', async () => {
    const { session } = await openSession();
    const [input, output] = await session.createChannels([
      { name: 'in', mimeType: 'text/plain' },
      { name: 'out' },
    ]);
    expect(input).toMatchObject({ name: 'in', mimeType: 'text/plain' });
    expect(output).toMatchObject({ mimeType: 'application/octet-stream' });
    const publisher = publishTo(input!.internalUrl, { start: 0, transport });
    await publisher.send('hello');
    for await (const segment of subscribe(input!.url, { from: 0, transport })) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of segment.chunks) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('hello');
      break;
    }
    expect(await session.deleteChannels(['in'])).toEqual(['in']);
    await publisher.close();
    await expect(session.deleteChannels(['in'])).rejects.toMatchObject({
      code: 'session-ended',
      status: 404,
    });
    await expect(session.createChannels([])).rejects.toMatchObject({ code: 'refused', status: 400 });
  });

  it('stops a session; a second time is no error', async () => {
    const { session, headers } = await openSession();
    const bare = runnerSession(headers, { transport });
    await session.stop();
    await session.stop();
    await bare.stop();
    await until(() => session.signal!.aborted, 'the release reaches the runner');
  });

  it('is refused with a wrong token', async () => {
    const { headers } = await openSession();
    const session = runnerSession({ ...headers, 'livepeer-session-token': 'guess' }, { transport });
    await expect(session.createChannels([{ name: 'in' }])).rejects.toMatchObject({
      code: 'unauthorized',
      status: 401,
      message: expect.not.stringContaining('guess'),
    });
  });

  it('comes back after the orchestrator lost its memory', async () => {
    const { session } = await openSession();
    const before = registration.runnerId;
    orchestrator.forget();
    await until(() => registration.runnerId !== before, 'registered again');
    expect(session.signal!.reason).toMatchObject({ reason: 'runner-lost' });
    expect(orchestrator.runners.map(({ id }) => id)).toEqual([registration.runnerId]);
    await openSession();
  });

  it('leaves the orchestrator when it closes', async () => {
    const { session } = await openSession();
    await registration.close();
    expect(orchestrator.runners).toEqual([]);
    expect(session.signal!.aborted).toBe(true);
    expect(events.at(-1)).toEqual({ type: 'closed' });
  });

  it('still learns of its sessions when somebody deletes its message channel', async () => {
    const [runner] = orchestrator.runners;
    await transport.request({
      method: 'DELETE',
      url: `${orchestrator.url}/ai/trickle/${runner!.o2r}`,
      timeoutMs: 5_000,
    });
    await until(() => events.some(({ type }) => type === 'messages-ended'), 'the end is noticed');
    const { reservation, session } = await openSession();
    orchestrator.release(reservation.sessionId);
    await until(() => session.signal!.aborted, 'the next heartbeat tells');
    expect(session.signal!.reason).toMatchObject({ reason: 'reconciled' });
  });
});

it('closes at the end of its block', async () => {
  {
    await using second = await registerRunner({
      orchestrator: orchestrator.url,
      secret: 'bootstrap',
      runnerUrl: 'http://127.0.0.1:1',
      app: 'lp/other',
    });
    expect(orchestrator.runners.map(({ id }) => id)).toContain(second.runnerId);
  }
  expect(orchestrator.runners.map(({ id }) => id)).toEqual([registration.runnerId]);
});
