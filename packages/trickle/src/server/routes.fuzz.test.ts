import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serveTrickle } from '../../test/serve.ts';
import { parseTarget } from './target.ts';

const segment = fc.oneof(
  fc.constantFrom(
    'c',
    'next',
    '-1',
    '-2',
    '-3',
    '0',
    '1',
    '5',
    '007',
    '+1',
    '1e3',
    '9007199254740991',
    '%',
    '%zz',
    '%00',
    '%2F',
    '..',
    '.',
    '',
    '_changes',
  ),
  fc.integer().map(String),
  fc.string({ maxLength: 300 }).map(encodeURIComponent),
  fc.stringMatching(/^[!-~]{0,40}$/),
);

const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'),
  path: fc.array(segment, { maxLength: 4 }).map((parts) => parts.join('/').replace(/[ ?#]/g, '')),
  body: fc.option(fc.string({ maxLength: 50 }), { nil: undefined }),
  headers: fc.subarray([
    'Lp-Trickle-Reset: 1',
    'Expect-Content: a/b',
    'Content-Type: nonsense',
    'Content-Type: application/json',
    'Origin: x',
    'Expect: 100-continue',
  ]),
});

/** The status of one raw exchange; undefined when the request is one that rightly waits. */
const statusOf = async (port: number, raw: string, mayWait: boolean): Promise<number | undefined> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  const answered = (): string | undefined => /HTTP\/1\.1 ([2-5]\d\d) /.exec(text)?.[1];
  socket.write(raw);
  // Only a GET may wait, for a writer; anything else that is not answered hangs, and the test with it.
  for (let turns = 0; (!mayWait || turns < 400) && answered() === undefined && !socket.destroyed; turns++) {
    await new Promise(setImmediate);
  }
  socket.destroy();
  const status = answered();
  return status === undefined ? undefined : Number(status);
};

test.each([false, true])(
  'whatever is asked, no 5xx and the server goes on (autocreate %s)',
  async (autocreate) => {
    await using served = await serveTrickle(
      { autocreate, changefeed: true, limits: { channels: 1_000_000 } },
      { cors: '*' },
    );
    served.server.create('c');
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, body, headers }) => {
        const lines = [`${method} /ai/trickle/${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers];
        if (body !== undefined && method !== 'GET') lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
        const raw = `${lines.join('\r\n')}\r\n\r\n${method === 'GET' ? '' : (body ?? '')}`;
        const status = await statusOf(served.port, raw, method === 'GET');
        if (status === undefined) expect(method).toBe('GET');
        else expect([200, 204, 400, 404, 405, 414, 470], `${method} ${path}`).toContain(status);
      }),
      { numRuns: 150 },
    );
    served.server.create('after');
    served.server.publish('after')!.send('alive');
    const response = await fetch(`${served.base}/after/0`);
    expect(await response.text()).toBe('alive');
  },
);

test('every path is a target or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(segment).map((parts) => parts.join('/')),
      ),
      (path) => {
        const target = parseTarget(path);
        if (typeof target?.index === 'number') {
          expect(Number.isSafeInteger(target.index + 1)).toBe(true);
        }
      },
    ),
    { numRuns: 1_000 },
  );
  expect(parseTarget('a%2Fb/-1')).toEqual({ channel: 'a/b', index: -1 });
  expect(parseTarget('/a/next')).toEqual({ channel: 'a', index: 'next' });
  expect(parseTarget('a/')).toEqual({ channel: 'a', index: undefined });
  expect([parseTarget(''), parseTarget('a/b/c'), parseTarget('%zz')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
