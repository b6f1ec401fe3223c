import { expect, test } from 'vitest';
import { listen } from '../../test/http-server.ts';
import { simulatedClock } from '../testing/index.ts';
import { createTransport } from './browser.ts';
import { TransportOptionError } from './options.ts';

// Node's fetch stands in for a browser's: the same interface, over real sockets.

test('requests and streams', async () => {
  await using server = await listen((request, response) => {
    response.setHeader('X-Method', String(request.method));
    response.write('one');
    response.end('two');
  });
  await using transport = createTransport();
  const url = `${server.url}/`;
  const response = await transport.request({ method: 'POST', url, body: 'x', timeoutMs: 20_000 });
  expect(response.headers['x-method']).toBe('POST');
  expect(new TextDecoder().decode(response.body)).toBe('onetwo');
  const { body } = await transport.stream({ method: 'GET', url, timeoutMs: 20_000 });
  let text = '';
  for await (const chunk of body) text += new TextDecoder().decode(chunk);
  expect(text).toBe('onetwo');
});

test('keeps deadline, signal and limit, and follows no redirect', async () => {
  const clock = simulatedClock();
  const arrived: (() => void)[] = [];
  await using server = await listen((request, response) => {
    if (request.url === '/large') response.end('x'.repeat(11));
    else if (request.url === '/moved') response.writeHead(302, { location: '/large' }).end();
    else arrived.shift()?.();
  });
  await using transport = createTransport({ clock });
  const request = { method: 'GET', url: `${server.url}/`, timeoutMs: 50 } as const;
  const seen = new Promise<void>((resolve) => arrived.push(resolve));
  const late = expect(transport.request(request)).rejects.toMatchObject({ code: 'timeout', sent: true });
  await seen;
  await clock.advance(50);
  await late;
  const aborted = { ...request, signal: AbortSignal.abort() };
  await expect(transport.request(aborted)).rejects.toMatchObject({ code: 'aborted', sent: false });
  const large = { ...request, url: `${server.url}/large`, maxBodyBytes: 10 };
  await expect(transport.request(large)).rejects.toMatchObject({ code: 'body-too-large' });
  const moved = { ...request, url: `${server.url}/moved` };
  // A browser hides the answer; Node's fetch shows it. Neither goes on to /large.
  const outcome = await transport.request(moved).then(
    (response) => response.status,
    (error) => error.code,
  );
  expect([302, 'connection-lost']).toContain(outcome);
  expect(clock.pending).toBe(0);
});

test('a stream ends when its signal aborts or the transport closes', async () => {
  await using server = await listen((_request, response) => void response.write('one'));
  const controller = new AbortController();
  const transport = createTransport();
  const request = { method: 'GET', url: `${server.url}/`, timeoutMs: 20_000 } as const;
  const first = await transport.stream({ ...request, signal: controller.signal });
  const second = await transport.stream(request);
  const read = async (body: AsyncIterable<Uint8Array>, then: () => unknown): Promise<void> => {
    for await (const _chunk of body) await then();
  };
  await expect(read(first.body, () => controller.abort())).rejects.toMatchObject({ code: 'aborted' });
  await expect(read(second.body, () => transport.close())).rejects.toMatchObject({ code: 'connection-lost' });
});

test('refuses options that a browser can not keep', () => {
  expect(() => createTransport({ tls: 'pin' })).toThrow(TransportOptionError);
  expect(() => createTransport({ privateAddresses: 'refuse' })).toThrow(TransportOptionError);
});

test('refuses HTTP/2 on request, which a page cannot choose', async () => {
  const request = { method: 'GET', url: 'https://o.example/', timeoutMs: 1000, http2: true } as const;
  await expect(createTransport().request(request)).rejects.toThrow(TransportOptionError);
  await expect(createTransport().stream(request)).rejects.toThrow(TransportOptionError);
});
