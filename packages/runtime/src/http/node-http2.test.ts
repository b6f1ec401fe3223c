import { EventEmitter, once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FIRST_CERTIFICATE, SECOND_CERTIFICATE } from '../../test/certificates.ts';
import { listen } from '../../test/http-server.ts';
import { simulatedClock } from '../testing/index.ts';
import { type HttpRequest, TransportError } from '../transport.ts';
import { CertificateChangedError } from './certificate-changed.ts';
import { createTransport } from './node.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Options = Parameters<typeof createTransport>[0];
const transport = (options?: Options) => {
  const made = createTransport(options);
  cleanups.push(() => made.close());
  return made;
};

/** An HTTP/2 server on a free port. */
async function serve(
  onStream: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void,
  tls?: { cert: string; key: string },
): Promise<string> {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {}); // clients that leave
    onStream(stream, headers);
  });
  return start(server, tls === undefined ? 'http' : 'https');
}

async function start(server: Http2Server | Http2SecureServer, scheme: 'http' | 'https'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => void server.close());
  const { port } = server.address() as AddressInfo; // what a TCP server always has
  return `${scheme}://127.0.0.1:${port}/`;
}

const ask = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url,
  http2: true,
  timeoutMs: 20_000,
  body: 'hello',
  ...more,
});

const echo = (stream: ServerHttp2Stream, headers: Record<string, unknown>): void => {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'x-te': String(headers['te']) }, { waitForTrailers: true });
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'x-sum': 'a', 'x-path': String(headers[':path']) }),
    );
    stream.end(Buffer.concat(parts));
  });
};

test.each([
  ['TLS', FIRST_CERTIFICATE],
  ['plain TCP', undefined],
])('over %s: body both ways, and trailers', async (_name, tls) => {
  const url = await serve(echo, tls);
  const answer = await transport({ tls: 'pin' }).request(ask(`${url}p?q=1`, { headers: { te: 'trailers' } }));
  expect({ ...answer.headers }).toMatchObject({ 'x-te': 'trailers' });
  expect(new TextDecoder().decode(answer.body)).toBe('hello');
  expect({ ...answer.trailers }).toEqual({ 'x-sum': 'a', 'x-path': '/p?q=1' });
});

test('requests that do not ask for it stay on HTTP/1.1', async () => {
  const server = createSecureServer({ ...FIRST_CERTIFICATE, allowHTTP1: true }, (request, response) => {
    response.end(request.httpVersion);
  });
  const url = await start(server, 'https');
  const both = transport({ tls: 'pin' });
  for (const [http2, version] of [
    [false, '1.1'],
    [true, '2.0'],
  ] as const) {
    const answer = await both.request(ask(url, { http2 }));
    expect(new TextDecoder().decode(answer.body)).toBe(version);
    expect(answer).not.toHaveProperty('trailers');
  }
});

test('over TLS a peer of HTTP/1.1 is asked that way; over plain TCP it is no answer', async () => {
  await using encrypted = await listen((_request, response) => void response.writeHead(404).end(), {
    tls: FIRST_CERTIFICATE,
  });
  await using plain = await listen((_request, response) => void response.end());
  expect(await transport({ tls: 'pin' }).request(ask(encrypted.url))).toMatchObject({ status: 404 });
  await expect(transport().request(ask(plain.url))).rejects.toMatchObject({
    code: 'connection-lost',
    cause: { code: 'ERR_HTTP2_ERROR' },
  });
});

test('HTTP/1.1 and HTTP/2 share what is pinned', async () => {
  const first = await listen((_request, response) => void response.end(), { tls: FIRST_CERTIFICATE });
  const pinning = transport({ tls: 'pin' });
  expect((await pinning.request(ask(first.url, { http2: false }))).status).toBe(200);
  await first.close();
  await using second = await listen(() => {}, { tls: SECOND_CERTIFICATE, port: first.port });
  const error: unknown = await pinning.request(ask(second.url)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TransportError);
  expect(error).toMatchObject({ code: 'tls', sent: false, cause: expect.any(CertificateChangedError) });
});

test('certificates are verified unless they are to be pinned', async () => {
  const url = await serve(echo, FIRST_CERTIFICATE);
  await expect(transport().request(ask(url))).rejects.toMatchObject({ code: 'tls', sent: false });
});

test('private addresses are refused', async () => {
  const url = await serve(echo);
  const refusing = transport({ privateAddresses: 'refuse' });
  await expect(refusing.request(ask(url))).rejects.toMatchObject({ code: 'forbidden-address', sent: false });
});

test('an answer beyond the limit is broken off', async () => {
  const url = await serve((stream) => {
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(2000));
  });
  const limited = transport().request(ask(url, { maxBodyBytes: 1999 }));
  await expect(limited).rejects.toMatchObject({ code: 'body-too-large' });
  expect((await transport().request(ask(url, { maxBodyBytes: 2000 }))).body).toHaveLength(2000);
});

test('the deadline holds while the peer is silent', async () => {
  const clock = simulatedClock();
  const arrived = Promise.withResolvers<void>();
  const url = await serve(() => arrived.resolve());
  const pending = expect(transport({ clock }).request(ask(url, { timeoutMs: 5000 }))).rejects.toMatchObject({
    code: 'timeout',
    sent: true,
  });
  await arrived.promise;
  await clock.advance(5000);
  await pending;
});

test.each([
  ['answers', 100, 'respond'],
  ['is silent', 100, 'silence'],
  ['never allows a stream', 0, 'respond'],
])('no connection outlives its request when the peer %s', async (_name, maxConcurrentStreams, behaviour) => {
  const server = createServer({ settings: { maxConcurrentStreams } });
  const closed: Promise<void>[] = [];
  const arrived = new EventEmitter();
  server.on('connection', (socket: Socket) => {
    closed.push(new Promise((resolve) => void socket.on('close', () => resolve())));
  });
  server.on('session', (session) => {
    session.on('error', () => {}); // clients that leave
    session.on('localSettings', () => arrived.emit('connection'));
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    if (behaviour === 'respond') stream.respond({ ':status': 200 }, { endStream: true });
  });
  const url = await start(server, 'http');
  const clock = simulatedClock();
  const many = transport({ clock });
  for (let round = 1; round <= 3; round++) {
    const connected = once(arrived, 'connection');
    const ended = many.request(ask(url, { timeoutMs: 5000 })).catch(() => {});
    await connected;
    if (maxConcurrentStreams === 0 || behaviour === 'silence') await clock.advance(5000);
    await ended;
    expect(closed).toHaveLength(round);
    await closed.at(-1);
  }
});

test('a connection that the peer closed is made anew', async () => {
  const url = await serve((stream) => {
    stream.respond({ ':status': 200 });
    stream.end('x');
    stream.on('close', () => stream.session?.close());
  });
  const once = transport();
  for (let i = 0; i < 5; i++) {
    expect((await once.request(ask(url))).status).toBe(200);
    await new Promise(setImmediate);
  }
});
