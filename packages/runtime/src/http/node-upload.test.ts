import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FIRST_CERTIFICATE, SECOND_CERTIFICATE } from '../../test/certificates.ts';
import { listen } from '../../test/http-server.ts';
import type { HttpUpload } from '../upload.ts';
import { createTransport } from './node.ts';
import type { ClosableTransport, TransportOptions } from './options.ts';

const open: ClosableTransport[] = [];
const upload = (url: string, options?: TransportOptions, signal?: AbortSignal): HttpUpload => {
  const transport = createTransport(options);
  open.push(transport);
  return transport.upload!({ method: 'POST', url, ...(signal ? { signal } : {}) });
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('headers go out before the body, chunks as they are written', async () => {
  const seen: string[] = [];
  let waiting: (() => void) | undefined;
  const arrival = (): Promise<void> => new Promise((resolve) => (waiting = resolve));
  let arrived = arrival();
  await using server = await listen((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['transfer-encoding']}`);
    waiting?.();
    request.on('data', (chunk: Buffer) => {
      seen.push(chunk.toString());
      waiting?.();
    });
    request.on('end', () => response.writeHead(201, { 'x-a': ['1', '2'] }).end('done'));
  });
  const writing = upload(`${server.url}/p?q`);
  await arrived;
  expect(writing.bodyStarted).toBe(false);
  for (const text of ['one', 'two']) {
    arrived = arrival();
    await writing.write(bytes(text));
    await arrived;
  }
  writing.end();
  const response = await writing.response;
  expect(seen).toEqual(['POST /p?q chunked', 'one', 'two']);
  expect(response).toMatchObject({ status: 201, headers: { 'x-a': '1, 2' } });
  expect(new TextDecoder().decode(response.body)).toBe('done');
});

test('survives repeated interim 100 and 102', async () => {
  await using server = await listen((request, response) => {
    for (let i = 0; i < 3; i++) {
      response.writeContinue();
      response.writeProcessing();
    }
    request.resume().on('end', () => response.end());
  });
  const writing = upload(server.url);
  await writing.write(bytes('x'));
  writing.end();
  expect((await writing.response).status).toBe(200);
});

test('an early answer is told, and later writes are dropped', async () => {
  await using server = await listen((_request, response) => {
    response.writeHead(404, { connection: 'close' }).end('no');
  });
  const writing = upload(server.url);
  expect((await writing.response).status).toBe(404);
  await writing.write(new Uint8Array(10_000_000));
  writing.end();
});

test('a blocked write ends when the peer goes away', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.pause());
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const writing = upload(`http://127.0.0.1:${port}`);
  const blocked = writing.write(new Uint8Array(50_000_000));
  while (sockets.length === 0) await new Promise(setImmediate);
  sockets[0]?.destroy();
  await blocked;
  await expect(writing.response).rejects.toMatchObject({ code: 'connection-lost', sent: true });
  server.close();
});

test('abort, by call or by signal', async () => {
  await using server = await listen(() => {});
  const writing = upload(server.url);
  writing.abort('enough');
  await expect(writing.response).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
  const controller = new AbortController();
  const signalled = upload(server.url, {}, controller.signal);
  controller.abort();
  await expect(signalled.response).rejects.toMatchObject({ code: 'aborted' });
  await expect(upload(server.url, {}, AbortSignal.abort()).response).rejects.toMatchObject({
    code: 'aborted',
  });
});

test('keeps the address rules and the pins of the transport', async () => {
  const answer = (_request: unknown, response: { end(): unknown }): void => void response.end();
  await using plain = await listen(answer);
  const refused = upload(plain.url, { privateAddresses: 'refuse' });
  await expect(refused.response).rejects.toMatchObject({ code: 'forbidden-address', sent: false });
  const first = await listen(answer, { tls: FIRST_CERTIFICATE });
  await expect(upload(first.url).response).rejects.toMatchObject({ code: 'tls', sent: false });
  const pinning = createTransport({ tls: 'pin' });
  open.push(pinning);
  const pinned = pinning.upload!({ method: 'POST', url: first.url });
  expect((await pinned.response).status).toBe(200);
  await first.close();
  await using second = await listen(answer, { tls: SECOND_CERTIFICATE, port: first.port });
  const changed = pinning.upload!({ method: 'POST', url: second.url });
  await expect(changed.response).rejects.toMatchObject({
    code: 'tls',
    cause: { code: 'certificate-changed' },
  });
});

test('no connection means that nothing was sent', async () => {
  const server = await listen(() => {});
  await server.close();
  await expect(upload(server.url).response).rejects.toMatchObject({ code: 'connect', sent: false });
  expect(() => upload('ftp://host/')).toThrow(expect.objectContaining({ code: 'invalid-url' }));
});

test('uploads share connections', async () => {
  const ports = new Set<number | undefined>();
  await using server = await listen((request, response) => {
    ports.add(request.socket.remotePort);
    request.resume().on('end', () => response.end());
  });
  const transport = createTransport();
  open.push(transport);
  for (let i = 0; i < 3; i++) {
    const writing = transport.upload!({ method: 'POST', url: server.url });
    await writing.write(bytes('x'));
    writing.end();
    await writing.response;
    await new Promise(setImmediate);
  }
  expect(ports.size).toBe(1);
});
