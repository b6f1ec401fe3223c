import { request as httpRequest } from 'node:http';
import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, test } from 'vitest';
import { call, openGet, openPost } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { type ChannelEnd, ChannelRefusedError, createTrickleServer, LocalWriteError } from './index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};
const MINUTE_MS = 60_000;

describe('sweep', () => {
  test('closes a channel idle for more than five minutes, looked at each minute', async () => {
    const clock = simulatedClock();
    const ended: [string, ChannelEnd][] = [];
    await using server = createTrickleServer({
      clock,
      onChannelClosed: ({ name }, end) => ended.push([name, end]),
    });
    server.create('idle');
    server.create('busy');
    server.create('_kept');
    const busy = server.publish('busy')!;
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(MINUTE_MS);
      busy.send('x');
    }
    expect(ended).toEqual([]);
    await clock.advance(MINUTE_MS);
    expect(ended).toEqual([['idle', 'idle']]);
    await clock.advance(10 * MINUTE_MS);
    expect(ended).toEqual([
      ['idle', 'idle'],
      ['busy', 'idle'],
    ]);
    expect(server.channel('_kept')).toBeDefined();
    expect(() => busy.send('y')).toThrow(expect.objectContaining({ code: 'channel-closed' }));
  });

  test('only a first byte or an empty write is a sign of life', async () => {
    const clock = simulatedClock();
    await using server = createTrickleServer({ clock });
    server.create('long');
    const writer = server.publish('long')!.segment();
    writer.write(bytes('first'));
    for (let minute = 0; minute < 6; minute++) {
      await clock.advance(MINUTE_MS);
      if (server.channel('long') !== undefined) writer.write(bytes('later'));
    }
    expect(server.channel('long')).toBeUndefined();
    server.create('empty');
    const publisher = server.publish('empty')!;
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(MINUTE_MS);
      publisher.segment().close();
    }
    expect(server.channel('empty')).toBeDefined();
  });

  test('stops with the server', async () => {
    const clock = simulatedClock();
    const server = createTrickleServer({ clock });
    await server.close();
    await server.close();
    expect(clock.pending).toBe(0);
    expect(() => server.create('c')).toThrow(expect.objectContaining({ code: 'server-closed' }));
  });

  test('cuts a reader that takes no bytes', async () => {
    const clock = simulatedClock();
    await using served = await serveTrickle({ clock });
    const { server } = served;
    server.create('_c');
    const request = httpRequest(`${served.base}/_c/0`, { agent: false });
    const response = new Promise<import('node:http').IncomingMessage>((resolve) => {
      request.once('response', resolve);
    });
    request.end();
    const writer = server.publish('_c')!.segment();
    for (let i = 0; i < 15; i++) writer.write(new Uint8Array(1_000_000));
    const reading = await response;
    reading.pause();
    await until(() => server.stats().blockedReaders === 1);
    const lost = new Promise<void>((resolve) => reading.once('error', () => resolve()));
    await clock.advance(7 * MINUTE_MS);
    reading.resume();
    await lost;
    await until(() => server.stats().blockedReaders === 0);
  });
});

describe('owners', () => {
  test('closes the channels of one owner, and tells each', async () => {
    const ended: [string, string | undefined, ChannelEnd][] = [];
    await using server = createTrickleServer({
      onChannelClosed: ({ name, owner }, end) => ended.push([name, owner, end]),
    });
    server.create('a-in', { owner: 'a' });
    server.create('a-out', { owner: 'a' });
    server.create('b-in', { owner: 'b' });
    expect(server.closeWhere(({ owner }) => owner === 'a')).toBe(2);
    expect(ended).toEqual([
      ['a-in', 'a', 'deleted'],
      ['a-out', 'a', 'deleted'],
    ]);
    expect(server.channel('b-in')).toMatchObject({ name: 'b-in', owner: 'b' });
    expect(server.create('b-in', { owner: 'b' })).toBe(server.channel('b-in'));
    expect(() => server.create('b-in', { owner: 'a' })).toThrow(
      expect.objectContaining({ code: 'name-taken' }),
    );
    expect([server.delete('b-in'), server.delete('b-in')]).toEqual([true, false]);
  });
});

describe('limits', () => {
  test('channels and names', async () => {
    await using server = createTrickleServer({ limits: { channels: 2, nameBytes: 4 } });
    for (const name of ['', 'abcde', 'ééé', 'a\nb']) {
      expect(() => server.create(name)).toThrow(expect.objectContaining({ code: 'invalid-name' }));
    }
    server.create('abcd');
    server.create('éé');
    expect(() => server.create('c')).toThrow(ChannelRefusedError);
  });

  test('over HTTP', async () => {
    await using served = await serveTrickle({ autocreate: true, limits: { channels: 1, nameBytes: 200 } });
    expect((await call('POST', `${served.base}/${'n'.repeat(201)}`)).status).toBe(400);
    expect((await call('POST', `${served.base}/${'n'.repeat(200)}`)).status).toBe(200);
    expect((await call('POST', `${served.base}/more/0`, { body: 'x' })).status).toBe(503);
  });

  test('a segment beyond its limit is answered 413 and ends', async () => {
    await using served = await serveTrickle({ limits: { segmentBytes: 10 } });
    served.server.create('c');
    const reading = call('GET', `${served.base}/c/0`);
    const writing = openPost(`${served.base}/c/0`);
    writing.request.write('12345');
    await until(() => served.server.open('c')?.segment(0)?.bytes === 5);
    writing.request.write('678901');
    expect(await writing.answer).toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect((await reading).body).toBe('12345');
    writing.request.destroy();
    const writer = served.server.publish('c')!.segment();
    expect(() => writer.write(new Uint8Array(11))).toThrow(
      expect.objectContaining({ code: 'segment-too-large' }),
    );
  });

  test('full buffers refuse writes with 503, and deleting a channel frees them', async () => {
    await using served = await serveTrickle({ limits: { bufferedBytes: 10_000 } });
    const { server } = served;
    server.create('a');
    server.create('b');
    server.publish('a')!.send(new Uint8Array(9_000));
    expect((await call('POST', `${served.base}/b/0`, { body: 'x'.repeat(2_000) })).status).toBe(503);
    expect(() => server.publish('b')!.send(new Uint8Array(2_000))).toThrow(LocalWriteError);
    server.delete('a');
    expect(server.stats().bufferedBytes).toBe(0);
    expect((await call('POST', `${served.base}/b/7`, { body: 'x'.repeat(2_000) })).status).toBe(200);
  });

  test('one owner cannot take the buffers of the others', async () => {
    await using server = createTrickleServer({ limits: { bufferedBytes: 100_000, ownerBytes: 20_000 } });
    for (const name of ['a', 'b', 'c']) server.create(name, { owner: 'greedy' });
    server.create('mine', { owner: 'modest' });
    server.create('nobody');
    const bytes = new Uint8Array(6_000);
    for (const name of ['a', 'b', 'c']) server.publish(name)!.send(bytes);
    expect(() => server.publish('a')!.send(bytes)).toThrow(expect.objectContaining({ code: 'buffer-full' }));
    server.publish('mine')!.send(bytes);
    for (let i = 0; i < 4; i++) server.publish('nobody')!.send(bytes);
    // What a channel held comes back to its owner, and to the server.
    server.delete('a');
    server.publish('b')!.send(bytes);
    server.closeWhere(() => true);
    expect(server.stats()).toMatchObject({ channels: 0, bufferedBytes: 0 });
  });

  test('one-byte chunks are not free', async () => {
    await using server = createTrickleServer({ limits: { bufferedBytes: 10_000 } });
    server.create('c');
    const writer = server.publish('c')!.segment();
    const flood = (): void => {
      for (let i = 0; i < 1_000; i++) writer.write(Uint8Array.of(1));
    };
    expect(flood).toThrow(expect.objectContaining({ code: 'buffer-full' }));
  });

  test('memory returns when the ring moves on', async () => {
    await using server = createTrickleServer();
    server.create('c');
    const publisher = server.publish('c')!;
    for (let i = 0; i < 50; i++) publisher.send(new Uint8Array(1_000));
    expect(server.stats().bufferedBytes).toBeLessThan(5 * 1_200);
    server.delete('c');
    expect(server.stats().bufferedBytes).toBe(0);
  });

  test('a local publisher goes on after others have closed the segments ahead of it', async () => {
    await using served = await serveTrickle();
    const { server, base } = served;
    server.create('c');
    const kept = server.publish('c')!;
    kept.send('0');
    expect((await call('DELETE', `${base}/c/1`)).status).toBe(200);
    kept.send('a');
    // A publisher made anew for each message must not stumble over the same segment for ever.
    expect((await call('DELETE', `${base}/c/3`)).status).toBe(200);
    server.publish('c')!.send('b');
    expect((await call('GET', `${base}/c/1`)).body).toBe('');
    expect((await call('GET', `${base}/c/2`)).body).toBe('a');
    expect((await call('GET', `${base}/c/4`)).body).toBe('b');
  });

  test('bytes for a segment that nobody can read any more are not kept', async () => {
    await using served = await serveTrickle();
    const { server, base } = served;
    server.create('c');
    const late = openPost(`${base}/c/0`);
    await until(() => server.open('c')?.segment(0) !== undefined);
    await call('POST', `${base}/c/4`, { body: 'x' });
    // A reader of the next segment takes the slot of the first, whose writer is still there.
    const reading = openGet(`${base}/c/5`);
    await until(() => server.open('c')?.segment(5) !== undefined);
    const before = server.stats().bufferedBytes;
    late.request.end('y'.repeat(100_000));
    expect((await late.answer).status).toBe(200);
    expect(server.stats().bufferedBytes).toBe(before);
    reading.request.destroy();
  });

  test('a slow reader of segments that have left the ring is cut off before writers are refused', async () => {
    const chunk = 1_000_000;
    await using served = await serveTrickle({
      limits: { bufferedBytes: 20 * chunk, segmentBytes: 12 * chunk },
    });
    const { server } = served;
    server.create('c');
    const publisher = server.publish('c')!;
    const first = publisher.segment();
    for (let i = 0; i < 10; i++) first.write(new Uint8Array(chunk));
    first.close();
    const slow = openGet(`${served.base}/c/0`);
    const response = await slow.response;
    response.pause();
    await until(() => server.stats().blockedReaders === 1);
    const lost = new Promise<void>((resolve) => response.once('error', () => resolve()));
    // Five newer segments push the first out of the ring; the reader still holds it.
    for (let i = 0; i < 5; i++) publisher.send(new Uint8Array(chunk));
    expect(server.stats().bufferedBytes).toBeGreaterThan(13 * chunk);
    for (let i = 0; i < 5; i++) publisher.send(new Uint8Array(3 * chunk));
    expect(server.stats().bufferedBytes).toBeLessThan(16 * chunk);
    response.resume();
    await lost;
  });

  test('a slow reader within the limits gets every byte although the ring has moved on', async () => {
    await using served = await serveTrickle();
    const { server } = served;
    server.create('c');
    const publisher = server.publish('c')!;
    const first = publisher.segment();
    for (let i = 0; i < 10; i++) first.write(new Uint8Array(1_000_000).fill(i));
    first.close();
    const slow = openGet(`${served.base}/c/0`);
    const response = await slow.response;
    response.pause();
    await until(() => server.stats().blockedReaders === 1);
    for (let i = 0; i < 10; i++) publisher.send('newer');
    let total = 0;
    for await (const part of response) total += (part as Buffer).byteLength;
    expect(total).toBe(10_000_000);
    await until(() => server.stats().bufferedBytes < 10_000);
  });
});

describe('browser pages', () => {
  const origin = 'https://app.example';

  test('may use the channels where CORS allows it', async () => {
    await using served = await serveTrickle({}, { cors: [origin] });
    served.server.create('c');
    const preflight = await call('OPTIONS', `${served.base}/c/0`, { headers: { Origin: origin } });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, DELETE',
        vary: 'Origin',
      },
    });
    const read = await call('GET', `${served.base}/c/9`, { headers: { Origin: origin } });
    expect(read.status).toBe(470);
    expect(read.headers['access-control-expose-headers']).toContain('Lp-Trickle-Latest');
    const stranger = await call('GET', `${served.base}/c/next`, {
      headers: { Origin: 'https://other.example' },
    });
    expect(stranger.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('all origins with a star', async () => {
    await using served = await serveTrickle({}, { cors: '*' });
    const missing = await call('GET', `${served.base}/c/0`, { headers: { Origin: origin } });
    expect(missing).toMatchObject({ status: 404, headers: { 'access-control-allow-origin': '*' } });
  });
});

describe('interim answers', () => {
  test.each([
    ['continue', ['continue', 'continue']],
    ['processing', [102, 102]],
    ['none', []],
  ] as const)('%s', async (interim, expected) => {
    const clock = simulatedClock();
    await using served = await serveTrickle({ clock }, { interim });
    served.server.create('c');
    const writing = openPost(`${served.base}/c/0`);
    const seen: (string | number)[] = [];
    // Node reports a 100 as both events.
    writing.request.on('continue', () => seen.push('continue'));
    writing.request.on('information', ({ statusCode }) => statusCode !== 100 && seen.push(statusCode));
    await until(() => served.server.open('c')?.segment(0) !== undefined);
    await clock.advance(9_999);
    await clock.advance(10_001);
    writing.request.write('x');
    await until(() => served.server.open('c')?.segment(0)?.bytes === 1);
    await clock.advance(60_000);
    writing.request.end();
    expect((await writing.answer).status).toBe(200);
    expect(seen).toEqual(expected);
  });
});

describe('inside the process', () => {
  test('publishes to HTTP readers and reads HTTP writers', async () => {
    await using served = await serveTrickle();
    const { server, base } = served;
    server.create('c', { contentType: 'application/json' });
    const publisher = server.publish('c')!;
    publisher.send('{"n":0}');
    expect(await call('GET', `${base}/c/0`)).toMatchObject({
      body: '{"n":0}',
      headers: { 'content-type': 'application/json' },
    });
    const seen: [number, string][] = [];
    const subscription = server.subscribe('c', { from: 0 })!;
    for await (const segment of subscription) {
      let text = '';
      for await (const chunk of segment.chunks) text += Buffer.from(chunk).toString();
      seen.push([segment.seq, text]);
      if (seen.length === 1) await call('POST', `${base}/c/1`, { body: 'from outside' });
      else server.delete('c');
    }
    expect(seen).toEqual([
      [0, '{"n":0}'],
      [1, 'from outside'],
    ]);
    expect(subscription.end).toBe('deleted');
    expect([server.publish('c'), server.subscribe('c')]).toEqual([undefined, undefined]);
  });

  test('a subscription starts at the next segment, follows live, and ends with its signal', async () => {
    await using server = createTrickleServer();
    server.create('c');
    const publisher = server.publish('c')!;
    publisher.send('before');
    const controller = new AbortController();
    const iterator = server.subscribe('c', { signal: controller.signal })![Symbol.asyncIterator]();
    const first = iterator.next();
    const writer = publisher.segment();
    writer.write(bytes('1'));
    const { value } = await first;
    expect(value).toMatchObject({ seq: 1 });
    const chunks = (value as { chunks: AsyncIterable<Uint8Array> }).chunks[Symbol.asyncIterator]();
    expect(await chunks.next()).toMatchObject({ value: bytes('1') });
    const waiting = chunks.next();
    controller.abort();
    expect((await waiting).done).toBe(true);
    expect((await iterator.next()).done).toBe(true);
    expect(() => server.subscribe('c', { from: -3 })).toThrow(RangeError);
  });

  test('a reader that falls out of the window goes on at the live edge and knows what it missed', async () => {
    await using server = createTrickleServer();
    server.create('c');
    const publisher = server.publish('c')!;
    const subscription = server.subscribe('c', { from: 0 })!;
    const iterator = subscription[Symbol.asyncIterator]();
    publisher.send('0');
    expect((await iterator.next()).value).toMatchObject({ seq: 0 });
    for (let i = 1; i < 10; i++) publisher.send(String(i));
    // Segment 1 was held before 0 was handed out.
    expect((await iterator.next()).value).toMatchObject({ seq: 1 });
    const next = iterator.next();
    publisher.send('10');
    expect((await next).value).toMatchObject({ seq: 10 });
    expect(subscription.missed).toBe(8);
    await iterator.return?.();
  });

  test('does not write what somebody else has written', async () => {
    await using served = await serveTrickle();
    served.server.create('c');
    const publisher = served.server.publish('c')!;
    publisher.send('0');
    await call('POST', `${served.base}/c/1`, { body: 'stranger' });
    expect(() => publisher.segment()).toThrow(expect.objectContaining({ code: 'segment-exists' }));
    const own = served.server.publish('c')!.segment();
    await call('DELETE', `${served.base}/c/2`);
    expect(() => own.write(bytes('x'))).toThrow(expect.objectContaining({ code: 'segment-closed' }));
  });
});

test('the changefeed tells additions and removals', async () => {
  await using served = await serveTrickle({ changefeed: true });
  const { server, base } = served;
  server.create('c');
  server.delete('c');
  const bodies = await Promise.all(
    [0, 1, 2].map(async (seq) => (await call('GET', `${base}/_changes/${seq}`)).body),
  );
  expect(bodies).toEqual(['{"added":["_changes"]}', '{"added":["c"]}', '{"removed":["c"]}']);
  await call('DELETE', `${base}/_changes`);
  server.create('d');
});

test('closing the application ends every wait', async () => {
  const served = await serveTrickle();
  served.server.create('c');
  const reader = call('GET', `${served.base}/c/0`);
  const writer = openPost(`${served.base}/c/0`);
  await until(() => served.server.open('c')?.segment(0) !== undefined);
  for (let i = 0; i < 3; i++) await call('GET', `${served.base}/c/next`);
  await served[Symbol.asyncDispose]();
  const closed = { status: 200, headers: { 'lp-trickle-closed': 'terminated' } };
  expect(await reader).toMatchObject(closed);
  expect(await writer.answer).toMatchObject(closed);
});
