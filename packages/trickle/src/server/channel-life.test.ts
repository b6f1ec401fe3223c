import { request as httpRequest } from 'node:http';
import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, test } from 'vitest';
import { call, openPost } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { bytes, until } from '../../test/until.ts';
import { type ChannelEnd, createTrickleServer } from './index.ts';

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
