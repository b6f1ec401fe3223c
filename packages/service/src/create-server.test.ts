import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { parseApiKeys } from './api-keys.ts';
import { createServer } from './create-server.ts';
import { closeServer, isDraining } from './drain.ts';
import { HttpError } from './http-error.ts';
import { listen } from './listen.ts';
import { createLogger } from './logger.ts';
import { createMetrics, metricsRoutes, observeRequests } from './metrics.ts';
import { callerOf, requireApiKey } from './require-api-key.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const never = new AbortController().signal;

describe('createServer', () => {
  it('echoes a usable request id and makes one otherwise', async () => {
    await using server = createServer({ log, newRequestId: () => 'made' });
    server.get('/', async () => 'ok');
    const id = async (given?: string) =>
      (await server.inject({ url: '/', headers: given === undefined ? {} : { 'x-request-id': given } }))
        .headers['x-request-id'];
    expect(await id('abc-1')).toBe('abc-1');
    expect(await id()).toBe('made');
    expect(await id('two words')).toBe('made');
    expect(await id('x'.repeat(129))).toBe('made');
  });

  it('answers errors, unknown routes and oversize bodies as problem+json', async () => {
    await using server = createServer({ log, bodyLimitBytes: 10, newRequestId: () => 'r1' });
    server.get('/known', async () => {
      throw new HttpError(409, 'already-open', 'it is open', {
        hint: 'close it',
        fields: { id: 7 },
        headers: { 'retry-after': '3' },
      });
    });
    server.get('/bug', async () => {
      throw new Error('password=hunter2');
    });
    server.post('/body', async () => 'ok');
    const known = await server.inject('/known');
    expect(known.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'retry-after': '3',
    });
    expect(known.json()).toEqual({
      type: 'urn:lp:problem:already-open',
      title: 'Already open',
      status: 409,
      detail: 'it is open',
      code: 'already-open',
      hint: 'close it',
      instance: 'urn:lp:request:r1',
      id: 7,
    });
    const bug = await server.inject('/bug');
    expect([bug.statusCode, bug.json().code]).toEqual([500, 'internal']);
    expect(bug.body).not.toContain('hunter2');
    expect((await server.inject('/nowhere')).json()).toMatchObject({ status: 404, code: 'not-found' });
    const large = await server.inject({
      method: 'POST',
      url: '/body',
      headers: { 'content-type': 'application/json' },
      body: `"${'x'.repeat(20)}"`,
    });
    expect([large.statusCode, large.json().code]).toEqual([413, 'too-large']);
  });

  it('leaves wording to the app', async () => {
    await using server = createServer({
      log,
      toReply: (error) =>
        error instanceof HttpError ? { status: 418, body: 'plain', headers: { 'x-a': 'b' } } : undefined,
    });
    const answer = await server.inject('/nowhere');
    expect([answer.statusCode, answer.body, answer.headers['content-type'], answer.headers['x-a']]).toEqual([
      418,
      'plain',
      'text/plain; charset=utf-8',
      'b',
    ]);
  });

  it('logs a fault that has a name in a line, and one that has none with its stack', async () => {
    const lines: string[] = [];
    class AwayError extends Error {}
    await using server = createServer({
      log: createLogger({
        name: 'test',
        level: 'debug',
        destination: { write: (line) => void lines.push(line) },
      }),
      toReply: (error) =>
        error instanceof AwayError ? { status: 503, code: 'away', body: 'come back' } : undefined,
    });
    server.get('/away', async () => {
      throw new AwayError('it is away', { cause: new Error('connection refused') });
    });
    server.get('/bug', async () => {
      throw new TypeError('x is undefined');
    });
    server.get('/known', async () => {
      throw new HttpError(409, 'already-open', 'it is open');
    });
    for (const path of ['/away', '/bug', '/known']) await server.inject(path);
    const logged = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request failed' || msg === 'request refused');
    expect(logged).toMatchObject([
      { level: 50, status: 503, code: 'away', reason: 'it is away: connection refused' },
      { level: 50, status: 500, code: 'internal', err: { stack: expect.stringContaining('x is undefined') } },
      { level: 20, status: 409, code: 'already-open', reason: 'it is open' },
    ]);
    expect(logged[0]).not.toHaveProperty('err');
  });

  it('words a path that is not an encoding like any other error', async () => {
    await using server = createServer({ log, newRequestId: () => 'r1' });
    server.get('/things/:id', async () => 'ok');
    const answer = await server.inject('/things/%ff');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'x-request-id': 'r1',
    });
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request' });
  });

  it('ends a body that trickles in for ever, and leaves streamed bodies alone', async () => {
    const clock = simulatedClock();
    await using server = createServer({ log, clock, bodyTimeoutMs: 1_000 });
    server.post('/whole', async () => 'ok');
    const streaming = Promise.withResolvers<void>();
    await server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      scope.post('/streamed', async (request) => {
        streaming.resolve();
        let bytes = 0;
        // The parser above hands the body over as a stream.
        for await (const chunk of request.body as AsyncIterable<Buffer>) bytes += chunk.length;
        return `${bytes}`;
      });
    });
    const parsing = new Promise<void>((resolve) =>
      server.addHook('preParsing', (request, _reply, payload, done) => {
        if (request.url === '/whole') resolve();
        done(null, payload);
      }),
    );
    const { port } = new URL(await listen(server, { host: '127.0.0.1', port: 0 }));
    const begin = (path: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n1`,
      );
      return socket.setEncoding('utf8');
    };
    const slow = begin('/whole').on('error', () => {});
    const streamed = begin('/streamed');
    await Promise.all([parsing, streaming.promise]);
    const cut = once(slow, 'close');
    await clock.advance(2_000);
    await cut;
    streamed.write('234');
    expect(String(await once(streamed, 'data'))).toContain('200 OK');
    streamed.destroy();
  });

  it('says what to do when it cannot listen', async () => {
    await using first = createServer({ log });
    const { port } = new URL(await listen(first, { host: '127.0.0.1', port: 0 }));
    await using second = createServer({ log });
    await expect(listen(second, { host: '127.0.0.1', port: Number(port) })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use: end the program that listens there, or choose another port`,
    );
  });

  it('parses JSON as the app says; an empty body is undefined, a bad one is 400', async () => {
    await using server = createServer({ log, parseJson: (body) => BigInt(Buffer.from(body).toString()) });
    server.post('/', async (request) => String(request.body));
    const post = (body: string) =>
      server.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body });
    expect((await post('9007199254740993')).body).toBe('9007199254740993');
    expect((await post('')).body).toBe('undefined');
    expect((await post('nonsense')).json()).toMatchObject({ status: 400, code: 'malformed-json' });
  });

  it('asks for a key and knows the caller', async () => {
    await using server = createServer({ log });
    requireApiKey(server, parseApiKeys('alice 0123456789abcdef'), (request) => request.url === '/open');
    server.get('/who', async (request) => callerOf(request));
    server.get('/open', async () => 'open');
    const refused = await server.inject('/who');
    expect([refused.statusCode, refused.json().code, refused.headers['www-authenticate']]).toEqual([
      401,
      'unauthorized',
      'Bearer',
    ]);
    expect(
      (await server.inject({ url: '/who', headers: { authorization: 'Bearer 0123456789abcdef' } })).json(),
    ).toEqual({ identity: 'alice' });
    expect((await server.inject('/open')).body).toBe('open');
  });

  it('counts requests by route pattern, not by path', async () => {
    const metrics = createMetrics({ processMetrics: false });
    await using server = createServer({ log });
    observeRequests(server, metrics);
    metricsRoutes(server, metrics);
    server.get('/things/:id', async () => 'x');
    await server.inject('/things/1');
    await server.inject('/things/2');
    await server.inject('/nowhere');
    const text = (await server.inject('/metrics')).body;
    expect(text).toContain(
      'lp_http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 2',
    );
    expect(text).toContain('route="unmatched",status="404"');
  });
});

describe('close', () => {
  /** A request on a kept-alive connection, with its answer's `connection` header. */
  const ask = (url: string, agent: Agent) =>
    new Promise<{ body: string; connection: string | undefined }>((resolve, reject) => {
      get(url, { agent }, (response) => {
        let body = '';
        response
          .on('data', (chunk) => (body += chunk))
          .on('end', () => resolve({ body, connection: response.headers.connection }));
      }).on('error', reject);
    });

  it('finishes the request in hand, then lets kept-alive clients go', async () => {
    const server = createServer({ log });
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    server.get('/fast', async () => 'fast');
    server.get('/slow', async () => {
      started.resolve();
      await finish.promise;
      return 'slow';
    });
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true });
    expect((await ask(`${url}/fast`, agent)).connection).toBe('keep-alive');
    const slow = ask(`${url}/slow`, agent);
    await started.promise;
    const closed = closeServer(server, never);
    expect(isDraining(server)).toBe(true);
    finish.resolve();
    expect(await slow).toEqual({ body: 'slow', connection: 'close' });
    // Without `connection: close` this waits for the keep-alive timeout of 65 s, and the test fails by time.
    expect(await closed).toBe('drained');
    agent.destroy();
  }, 10_000);

  it('cuts what is left when the deadline comes', async () => {
    const server = createServer({ log });
    const started = Promise.withResolvers<void>();
    server.get('/hang', () => {
      started.resolve();
      return new Promise<never>(() => {});
    });
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true });
    const hanging = ask(`${url}/hang`, agent).catch((error: Error) => error);
    await started.promise;
    const deadline = new AbortController();
    const closed = closeServer(server, deadline.signal);
    deadline.abort();
    expect(await closed).toBe('cut');
    expect(await hanging).toBeInstanceOf(Error);
    agent.destroy();
  });
});
