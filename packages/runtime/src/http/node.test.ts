import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { FIRST_CERTIFICATE, SECOND_CERTIFICATE } from '../../test/certificates.ts';
import { listen } from '../../test/http-server.ts';
import { simulatedClock } from '../testing/index.ts';
import { type HttpRequest, TransportError, type TransportErrorCode } from '../transport.ts';
import { CertificateChangedError } from './certificate-changed.ts';
import { createTransport, type NodeTransportPorts } from './node.ts';
import type { ClosableTransport, TransportOptions } from './options.ts';

const open: ClosableTransport[] = [];
const transport = (options?: TransportOptions, ports?: NodeTransportPorts): ClosableTransport => {
  const made = createTransport(options, ports);
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  timeoutMs: 20_000,
  ...more,
});

const failure = async (promise: Promise<unknown>): Promise<TransportError> => {
  const error = await promise.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
};

const expectFailure = async (promise: Promise<unknown>, code: TransportErrorCode, sent: boolean) => {
  const error = await failure(promise);
  expect({ code: error.code, sent: error.sent }).toEqual({ code, sent });
  return error;
};

describe('request', () => {
  test('sends method, headers and body, gives status, joined headers and body', async () => {
    await using server = await listen((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.writeHead(201, { 'X-Twice': ['a', 'b'], 'x-saw': String(request.headers['x-mine']) });
        response.end(`${request.method} ${request.url} ${Buffer.concat(parts).toString()}`);
      });
    });
    const response = await transport().request(
      get(`${server.url}/p?q=1`, { method: 'POST', body: 'hello', headers: { 'X-Mine': 'yes' } }),
    );
    expect(response.status).toBe(201);
    expect(response.headers['x-twice']).toBe('a, b');
    expect(response.headers['x-saw']).toBe('yes');
    expect(new TextDecoder().decode(response.body)).toBe('POST /p?q=1 hello');
  });

  test('does not follow a redirect', async () => {
    await using server = await listen((_request, response) => {
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await transport().request(get(server.url))).status).toBe(302);
  });

  test('ends at its deadline, on the injected clock', async () => {
    const clock = simulatedClock();
    const arrived = Promise.withResolvers<void>();
    await using server = await listen(() => arrived.resolve());
    const pending = expectFailure(
      transport({ clock }).request(get(server.url, { timeoutMs: 50 })),
      'timeout',
      true,
    );
    await arrived.promise;
    await clock.advance(50);
    await pending;
    expect(clock.pending).toBe(0);
  });

  test('clears its timer when the answer comes', async () => {
    const clock = simulatedClock();
    await using server = await listen((_request, response) => void response.end());
    await transport({ clock }).request(get(server.url));
    expect(clock.pending).toBe(0);
  });

  test('is aborted by the signal, before and while it runs', async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await listen(() => arrived.resolve());
    await expectFailure(
      transport().request(get(server.url, { signal: AbortSignal.abort() })),
      'aborted',
      false,
    );
    const controller = new AbortController();
    const pending = expectFailure(
      transport().request(get(server.url, { signal: controller.signal })),
      'aborted',
      true,
    );
    await arrived.promise;
    controller.abort();
    await pending;
  });

  test.each([
    ['announced', { 'content-length': '11' }],
    ['chunked', {}],
  ])('refuses a body beyond the limit (%s)', async (_name, headers) => {
    await using server = await listen((_request, response) => {
      response.writeHead(200, headers);
      response.end('x'.repeat(11));
    });
    await expectFailure(transport().request(get(server.url, { maxBodyBytes: 10 })), 'body-too-large', true);
    const response = await transport().request(get(server.url, { maxBodyBytes: 11 }));
    expect(response.body.byteLength).toBe(11);
  });

  test('says that nothing was sent when there is no connection', async () => {
    const server = await listen(() => {});
    await server.close();
    await expectFailure(transport().request(get(server.url)), 'connect', false);
    const noName = transport(
      {},
      {
        lookup: (host, _options, callback) => {
          callback(Object.assign(new Error(host), { code: 'ENOTFOUND' }), '', 0);
        },
      },
    );
    await expectFailure(noName.request(get('http://nowhere.test/')), 'connect', false);
  });

  test('a connection that breaks is lost, headers or not', async () => {
    await using server = await listen((request, response) => {
      if (request.url === '/half') {
        response.writeHead(200, { 'content-length': '10' });
        response.write('12345', () => request.socket.destroy());
      } else request.socket.destroy();
    });
    await expectFailure(transport().request(get(server.url)), 'connection-lost', true);
    await expectFailure(transport().request(get(`${server.url}/half`)), 'connection-lost', true);
  });

  test('what is not HTTP is a lost connection', async () => {
    const server = createServer((socket) => socket.end('nonsense\r\n\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expectFailure(transport().request(get(`http://127.0.0.1:${port}`)), 'connection-lost', true);
    server.close();
  });

  test.each(['ftp://host/', 'no url', '/path', 'http://user:pass@host/', 'javascript:1'])(
    'refuses %s',
    async (url) => {
      const error = await expectFailure(transport().request(get(url)), 'invalid-url', false);
      expect(`${error.message} ${error.url}`).not.toContain('pass');
    },
  );

  test('refuses headers that can not be sent', async () => {
    const bad = get('http://127.0.0.1:1/', { headers: { 'x-a': 'a\r\nb: c' } });
    await expectFailure(transport().request(bad), 'invalid-url', false);
  });

  test('errors do not carry the query', async () => {
    const server = await listen(() => {});
    await server.close();
    const error = await failure(transport().request(get(`${server.url}/a?token=secret`)));
    expect(`${error.message} ${error.url} ${String(error.cause)}`).not.toContain('secret');
  });
});

describe('stream', () => {
  test('gives each chunk as it comes, beyond the deadline for the headers', async () => {
    const clock = simulatedClock();
    const next = Promise.withResolvers<void>();
    await using server = await listen((_request, response) => {
      response.write('one');
      void next.promise.then(() => response.end('two'));
    });
    const { body } = await transport({ clock }).stream(get(server.url, { timeoutMs: 10 }));
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    const seen: string[] = [];
    for await (const chunk of body) {
      seen.push(Buffer.from(chunk).toString());
      next.resolve();
    }
    expect(seen).toEqual(['one', 'two']);
  });

  test('holds back a peer that sends faster than the reader reads', async () => {
    let written = 0;
    const drained = Promise.withResolvers<void>();
    const total = 64 * 1_048_576;
    await using server = await listen((_request, response) => {
      const chunk = Buffer.alloc(1_048_576);
      const more = (): void => {
        while (written < total) {
          written += chunk.byteLength;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
        drained.resolve();
      };
      more();
    });
    const { body } = await transport().stream(get(server.url));
    let read = 0;
    let largestLead = 0;
    for await (const chunk of body) {
      read += chunk.byteLength;
      largestLead = Math.max(largestLead, written - read);
    }
    expect(read).toBe(total);
    expect(largestLead).toBeLessThan(total / 2);
    await drained.promise;
  });

  test('leaving the iteration closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await listen((_request, response) => {
      response.once('close', () => closed.resolve());
      response.write('one');
    });
    const { body } = await transport().stream(get(server.url));
    for await (const _chunk of body) break;
    await closed.promise;
  });

  test('leaving before the first chunk, or while one is awaited, closes the connection too', async () => {
    const closed: Promise<void>[] = [];
    await using server = await listen((_request, response) => {
      closed.push(new Promise((resolve) => response.once('close', () => resolve())));
      response.flushHeaders();
    });
    const unread = await transport().stream(get(server.url));
    await unread.body[Symbol.asyncIterator]().return?.();
    const waiting = (await transport().stream(get(server.url))).body[Symbol.asyncIterator]();
    const next = waiting.next();
    await waiting.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });

  test('an abort while the body flows fails the iteration', async () => {
    await using server = await listen((_request, response) => void response.write('one'));
    const controller = new AbortController();
    const { body } = await transport().stream(get(server.url, { signal: controller.signal }));
    const read = async (): Promise<void> => {
      for await (const _chunk of body) controller.abort();
    };
    await expectFailure(read(), 'aborted', true);
  });

  test('a body cut short fails the iteration', async () => {
    await using server = await listen((request, response) => {
      response.write('one', () => setImmediate(() => request.socket.destroy()));
    });
    const { body } = await transport().stream(get(server.url));
    const read = async (): Promise<void> => {
      for await (const _chunk of body);
    };
    await expectFailure(read(), 'connection-lost', true);
  });
});

describe('TLS', () => {
  test('verifies by default', async () => {
    await using server = await listen((_request, response) => void response.end(), {
      tls: FIRST_CERTIFICATE,
    });
    await expectFailure(transport().request(get(server.url)), 'tls', false);
  });

  test('pin accepts the first certificate and refuses another one at the same place', async () => {
    const hello = (_request: unknown, response: { end(): unknown }): void => void response.end();
    const first = await listen(hello, { tls: FIRST_CERTIFICATE });
    const pinning = transport({ tls: 'pin' });
    expect((await pinning.request(get(first.url))).status).toBe(200);
    await first.close();
    // A closed connection is noticed one turn later; until then a request on it would be lost, not refused.
    await new Promise(setImmediate);

    await using second = await listen(hello, { tls: SECOND_CERTIFICATE, port: first.port });
    const error = await expectFailure(pinning.request(get(second.url)), 'tls', false);
    expect(error.cause).toBeInstanceOf(CertificateChangedError);
    expect(error.cause).toMatchObject({ code: 'certificate-changed', host: `127.0.0.1:${first.port}` });
    // The refusal does not move the pin.
    await expectFailure(pinning.request(get(second.url)), 'tls', false);
    // Another transport starts afresh.
    expect((await transport({ tls: 'pin' }).request(get(second.url))).status).toBe(200);
  });

  test('the same certificate stays accepted on new connections', async () => {
    await using server = await listen((_request, response) => void response.end(), {
      tls: FIRST_CERTIFICATE,
    });
    const pinning = transport({ tls: 'pin' });
    for (let i = 0; i < 3; i++) {
      const response = await pinning.request(get(server.url, { headers: { connection: 'close' } }));
      expect(response.status).toBe(200);
    }
  });

  test('plain HTTP to a TLS port is no answer', async () => {
    await using server = await listen(() => {}, { tls: FIRST_CERTIFICATE });
    await expectFailure(
      transport().request(get(server.url.replace('https', 'http'))),
      'connection-lost',
      true,
    );
  });

  test('TLS to a plain port is a TLS failure', async () => {
    await using server = await listen(() => {});
    await expectFailure(transport().request(get(server.url.replace('http', 'https'))), 'tls', false);
  });
});

describe('private addresses', () => {
  test.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://10.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'http://2130706433/',
  ])('refuses %s', async (url) => {
    const refusing = transport({ privateAddresses: 'refuse' });
    await expectFailure(refusing.request(get(url)), 'forbidden-address', false);
  });

  test('refuses a name by the address it has when the connection is made', async () => {
    let reached = 0;
    await using server = await listen((_request, response) => {
      reached += 1;
      response.end();
    });
    const answers = [['127.0.0.1'], ['203.0.114.1', '127.0.0.1']];
    let lookups = 0;
    const refusing = transport(
      { privateAddresses: 'refuse' },
      {
        lookup: (_host, options, callback) => {
          const addresses = (answers[lookups++] ?? ['127.0.0.1']).map((address) => ({ address, family: 4 }));
          if (options.all) callback(null, addresses);
          else callback(null, addresses[0]?.address ?? '', 4);
        },
      },
    );
    const url = `http://rebinding.test:${server.port}/`;
    await expectFailure(refusing.request(get(url)), 'forbidden-address', false);
    await expectFailure(refusing.request(get(url)), 'forbidden-address', false);
    expect(reached).toBe(0);
    expect(lookups).toBe(2);
  });
});

test('close aborts what is under way', async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await listen(() => arrived.resolve());
  const closing = transport();
  const pending = expectFailure(closing.request(get(server.url)), 'connection-lost', true);
  await arrived.promise;
  await closing.close();
  await pending;
});
