import { request as undiciRequest } from 'undici';
import { describe, expect, test } from 'vitest';
import { call, nextChunk, openGet, openPost } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';

// The checklist of trickle.md section 9 and the tables before it, over real sockets with bare clients.

/** Waits until `holds`, one turn of the event loop at a time. The test's own timeout bounds it. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};

/** A server with one channel `c`. */
const withChannel = async (contentType = 'video/MP2T') => {
  const served = await serveTrickle();
  served.server.create('c', { contentType });
  const channel = served.server.open('c')!;
  return { ...served, channel, url: `${served.base}/c` };
};

/** True while a GET for `index` has no answer although the server has seen it. */
const waits = async (url: string, probe: string): Promise<boolean> => {
  const controller = new AbortController();
  let answered = false;
  const pending = call('GET', url, { signal: controller.signal }).then(
    () => {
      answered = true;
    },
    () => {},
  );
  // Three round trips on other connections: an answer to the first request would have come before.
  for (let i = 0; i < 3; i++) await call('GET', probe);
  controller.abort();
  await pending;
  return !answered;
};

describe('section 9', () => {
  test('1: fresh channel', async () => {
    await using served = await withChannel();
    expect(await call('GET', `${served.url}/next`)).toMatchObject({
      status: 200,
      body: '0',
      headers: { 'lp-trickle-latest': '0' },
    });
    for (const index of [0, 1, -1, -2]) {
      expect(await waits(`${served.url}/${index}`, `${served.url}/next`), `GET ${index}`).toBe(true);
    }
    expect(await call('GET', `${served.url}/2`)).toMatchObject({
      status: 470,
      body: 'Entry not found\n',
      headers: { 'lp-trickle-seq': '2', 'lp-trickle-latest': '0' },
    });
  });

  test('2: two segments', async () => {
    await using served = await withChannel();
    const first = await call('POST', `${served.url}/0`, { body: 'first' });
    expect(first).toMatchObject({ status: 200, body: '', headers: { 'lp-trickle-seq': '0' } });
    await call('POST', `${served.url}/1`, { body: 'second' });
    expect(await call('GET', `${served.url}/0`)).toMatchObject({
      status: 200,
      body: 'first',
      headers: { 'lp-trickle-seq': '0', 'lp-trickle-latest': '2', 'content-type': 'video/MP2T' },
    });
    expect(await call('GET', `${served.url}/1`)).toMatchObject({
      status: 200,
      body: 'second',
      headers: { 'lp-trickle-seq': '1', 'lp-trickle-latest': '2' },
    });
    expect((await call('GET', `${served.url}/next`)).body).toBe('2');
  });

  test('3: empty segment', async () => {
    await using served = await withChannel();
    const posted = await call('POST', `${served.url}/0`);
    expect(posted).toMatchObject({ status: 200, headers: { 'lp-trickle-seq': '0', connection: 'close' } });
    const read = await call('GET', `${served.url}/0`);
    expect(read).toMatchObject({
      status: 200,
      body: '',
      headers: { 'lp-trickle-seq': '0', 'lp-trickle-latest': '1' },
    });
    expect(read.headers).not.toHaveProperty('lp-trickle-closed');
    expect(read.headers).not.toHaveProperty('content-type');
  });

  test('4: -2 streams the current segment from its start, -1 waits for the next', async () => {
    await using served = await withChannel();
    const writing = openPost(`${served.url}/0`);
    writing.request.write('begin');
    await until(() => served.channel.nextWrite === 1);
    const current = openGet(`${served.url}/-2`);
    const response = await current.response;
    expect(response.headers['lp-trickle-seq']).toBe('0');
    expect(await nextChunk(response)).toBe('begin');
    const next = call('GET', `${served.url}/-1`);
    writing.request.end();
    await writing.answer;
    await call('POST', `${served.url}/1`, { body: 'one' });
    expect(await next).toMatchObject({ body: 'one', headers: { 'lp-trickle-seq': '1' } });
    current.request.destroy();
  });

  test('5: the ring holds five', async () => {
    await using served = await withChannel();
    for (let seq = 0; seq <= 6; seq++) await call('POST', `${served.url}/${seq}`, { body: `s${seq}` });
    expect(await call('GET', `${served.url}/1`)).toMatchObject({
      status: 470,
      headers: { 'lp-trickle-seq': '1', 'lp-trickle-latest': '7' },
    });
    for (let seq = 2; seq <= 6; seq++) {
      expect((await call('GET', `${served.url}/${seq}`)).body).toBe(`s${seq}`);
    }
  });

  test('6: reset by a restarted publisher', async () => {
    await using served = await withChannel();
    const lost = openPost(`${served.url}/0`);
    lost.request.write('partial');
    await until(() => served.channel.nextWrite === 1);
    const reading = call('GET', `${served.url}/0`);
    const restarted = await call('POST', `${served.url}/-1`, {
      body: 'again',
      headers: { 'Lp-Trickle-Reset': '1' },
    });
    expect(restarted.headers['lp-trickle-seq']).toBe('1');
    expect((await reading).body).toBe('partial');
    expect((await call('GET', `${served.url}/0`)).body).toBe('partial');
    expect((await call('GET', `${served.url}/1`)).body).toBe('again');
    lost.request.destroy();
  });

  test('7: deleting the channel answers everyone', async () => {
    await using served = await withChannel();
    const reader = call('GET', `${served.url}/0`);
    const writer = openPost(`${served.url}/1`);
    await until(() => served.channel.segment(0) !== undefined && served.channel.segment(1) !== undefined);
    expect(await call('DELETE', served.url)).toMatchObject({ status: 200, body: '' });
    const closed = { status: 200, body: '', headers: { 'lp-trickle-closed': 'terminated' } };
    expect(await reader).toMatchObject(closed);
    expect(await writer.answer).toMatchObject(closed);
    expect((await writer.answer).headers.connection).toBe('close');
    for (const [method, path] of [
      ['GET', '/0'],
      ['POST', '/0'],
      ['GET', '/next'],
      ['DELETE', '/0'],
    ] as const) {
      const answer = await call(method, `${served.url}${path}`);
      expect(answer).toMatchObject({ status: 404, body: 'Stream not found\n' });
      expect(answer.headers).not.toHaveProperty('lp-trickle-closed');
    }
    expect(await call('DELETE', served.url)).toMatchObject({ status: 400, body: 'Invalid stream\n' });
    served.server.create('c');
    expect((await call('GET', `${served.url}/next`)).body).toBe('0');
  });

  test('9: each chunk is delivered before the segment ends', async () => {
    await using served = await withChannel();
    const writing = openPost(`${served.url}/0`);
    writing.request.write('a');
    const reading = openGet(`${served.url}/0`);
    const response = await reading.response;
    expect(await nextChunk(response)).toBe('a');
    for (const text of ['b', 'c']) {
      writing.request.write(text);
      expect(await nextChunk(response)).toBe(text);
    }
    writing.request.end();
    await writing.answer;
    reading.request.destroy();
  });

  test('10: POST to an unknown channel is refused before its body', async () => {
    await using served = await serveTrickle();
    const writing = openPost(`${served.base}/nowhere/0`);
    expect(await writing.answer).toMatchObject({
      status: 404,
      body: 'Stream not found\n',
      headers: { connection: 'close' },
    });
    writing.request.destroy();
    expect((await call('POST', `${served.base}/nowhere`)).status).toBe(404);
  });

  test.each([
    ['GET', '/-3', 'Invalid idx\n'],
    ['GET', '/x', 'Invalid idx\n'],
    ['GET', '/1.5', 'Invalid idx\n'],
    ['GET', '/99999999999999999999', 'Invalid idx\n'],
    ['POST', '/-2', 'Invalid idx\n'],
    ['POST', '/next', 'Invalid idx\n'],
    ['DELETE', '/-1', 'Invalid idx\n'],
    ['DELETE', '/x', 'Invalid idx\n'],
    ['DELETE', '/4', 'Nonexistent segment\n'],
  ])('11: %s %s is 400', async (method, path, body) => {
    await using served = await withChannel();
    expect(await call(method, `${served.url}${path}`)).toMatchObject({ status: 400, body });
  });
});

describe('sections 2 and 3', () => {
  test.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS'])('%s is 405', async (method) => {
    await using served = await withChannel();
    expect((await call(method, `${served.url}/0`)).status).toBe(405);
  });

  test('creating over HTTP takes the MIME type from Expect-Content', async () => {
    await using served = await serveTrickle({ autocreate: true });
    const create = () => call('POST', `${served.base}/a%2Fb`, { headers: { 'Expect-Content': 'text/x-a' } });
    expect(await create()).toMatchObject({ status: 200, body: '' });
    expect((await create()).status).toBe(200);
    expect(served.server.channel('a/b')).toMatchObject({ contentType: 'text/x-a' });
    await call('POST', `${served.base}/d/0`, { body: 'x', headers: { 'Content-Type': 'text/x-d' } });
    expect((await call('GET', `${served.base}/d/0`)).headers['content-type']).toBe('text/x-d');
  });

  test('the content type of a write does not change the channel', async () => {
    await using served = await withChannel('text/x-own');
    for (const [seq, type] of ['text/x-other', 'nonsense', ';;'].entries()) {
      const posted = await call('POST', `${served.url}/${seq}`, {
        body: 'x',
        headers: { 'Content-Type': type },
      });
      expect(posted.status).toBe(200);
    }
    expect((await call('GET', `${served.url}/0`)).headers['content-type']).toBe('text/x-own');
  });

  test('the position moves with the first byte, not with the request', async () => {
    await using served = await withChannel();
    const second = openPost(`${served.url}/1`);
    const first = openPost(`${served.url}/0`);
    await until(() => served.channel.segment(1) !== undefined && served.channel.segment(0) !== undefined);
    expect(served.channel.nextWrite).toBe(0);
    first.request.end('0');
    await first.answer;
    expect(served.channel.nextWrite).toBe(1);
    second.request.end('1');
    await second.answer;
    expect(served.channel.nextWrite).toBe(2);
  });

  test('a late write to an older number moves the position back', async () => {
    await using served = await withChannel();
    await call('POST', `${served.url}/7`, { body: 'x' });
    expect(served.channel.nextWrite).toBe(8);
    await call('POST', `${served.url}/3`, { body: 'x' });
    expect(served.channel.nextWrite).toBe(4);
  });

  test('two writers of an open segment append', async () => {
    await using served = await withChannel();
    const broken = openPost(`${served.url}/0`);
    broken.request.write('Hello');
    await until(() => served.channel.segment(0)?.bytes === 5);
    const reading = call('GET', `${served.url}/0`);
    broken.request.destroy();
    // A broken write leaves the segment open for a retry.
    await call('GET', `${served.url}/next`);
    expect(served.channel.segment(0)?.closed).toBe(false);
    expect((await call('POST', `${served.url}/0`, { body: 'World' })).status).toBe(200);
    expect((await reading).body).toBe('HelloWorld');
  });

  test('a complete segment is not changed by a repeated write', async () => {
    await using served = await withChannel();
    await call('POST', `${served.url}/0`, { body: 'once' });
    const again = await call('POST', `${served.url}/0`, { body: 'twice' });
    expect(again).toMatchObject({ status: 200, headers: { 'lp-trickle-seq': '0', connection: 'close' } });
    expect((await call('GET', `${served.url}/0`)).body).toBe('once');
  });

  test('reset leaves a preconnected later segment alone', async () => {
    await using served = await withChannel();
    const preconnected = openPost(`${served.url}/3`);
    const older = openPost(`${served.url}/1`);
    await until(() => served.channel.segment(3) !== undefined && served.channel.segment(1) !== undefined);
    await call('POST', `${served.url}/2`, { body: 'x', headers: { 'Lp-Trickle-Reset': 'yes' } });
    expect(await older.answer).toMatchObject({ status: 200, headers: { 'lp-trickle-seq': '1' } });
    expect(served.channel.segment(3)?.closed).toBe(false);
    preconnected.request.destroy();
  });

  test('slot reuse closes what it replaces', async () => {
    await using served = await withChannel();
    const writing = openPost(`${served.url}/0`);
    writing.request.write('old');
    await until(() => served.channel.segment(0)?.bytes === 3);
    const reading = call('GET', `${served.url}/0`);
    await until(() => served.channel.nextWrite === 1);
    await call('GET', `${served.url}/next`);
    await call('POST', `${served.url}/5`, { body: 'new' });
    expect((await reading).body).toBe('old');
    writing.request.end('more');
    expect((await writing.answer).status).toBe(200);
  });

  test('DELETE of a segment ends its readers and its waiting writer', async () => {
    await using served = await withChannel();
    const writing = openPost(`${served.url}/0`);
    await until(() => served.channel.segment(0) !== undefined);
    const reading = call('GET', `${served.url}/0`);
    expect((await call('DELETE', `${served.url}/0`)).status).toBe(200);
    const answer = await writing.answer;
    expect(answer).toMatchObject({ status: 200, headers: { 'lp-trickle-seq': '0', connection: 'close' } });
    expect(answer.headers).not.toHaveProperty('lp-trickle-closed');
    expect(await reading).toMatchObject({ status: 200, body: '' });
    expect(served.channel.nextWrite).toBe(1);
  });

  test('closing the channel while a body flows: the rest is read, the answer has no marker', async () => {
    await using served = await withChannel();
    const writing = openPost(`${served.url}/0`);
    writing.request.write('some');
    await until(() => served.channel.segment(0)?.bytes === 4);
    const reading = call('GET', `${served.url}/0`);
    await call('GET', `${served.url}/next`);
    await call('DELETE', served.url);
    expect(await reading).toMatchObject({ status: 200, body: 'some' });
    writing.request.end('more');
    const answer = await writing.answer;
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('lp-trickle-closed');
  });

  test('bare undici publishes and reads', async () => {
    await using served = await withChannel();
    const posted = await undiciRequest(`${served.url}/-1`, { method: 'POST', body: 'hello' });
    expect(posted.headers['lp-trickle-seq']).toBe('0');
    await posted.body.dump();
    const read = await undiciRequest(`${served.url}/-2`);
    expect(await read.body.text()).toBe('hello');
    const fetched = await fetch(`${served.url}/9`);
    expect([fetched.status, await fetched.text()]).toEqual([470, 'Entry not found\n']);
  });
});
