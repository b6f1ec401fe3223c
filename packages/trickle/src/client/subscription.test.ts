import { routeTransport, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { call, openPost } from '../../test/bare-client.ts';
import { client, textOf, transport, withChannel } from '../../test/client-fixture.ts';
import { until } from '../../test/until.ts';
import { subscribe } from '../index.ts';

afterAll(() => transport.close());

describe('subscriber', () => {
  test('starts at -2, -1 or a number', async () => {
    await using served = await withChannel();
    for (const text of ['a', 'b', 'c']) served.server.publish('c')!.send(text);
    const first = async (from?: number): Promise<number | undefined> => {
      const subscription = subscribe(served.url, { ...client, ...(from === undefined ? {} : { from }) });
      for await (const segment of subscription) return segment.seq;
      return undefined;
    };
    expect([await first(), await first(-2), await first(1)]).toEqual([2, 2, 1]);
    const next = first(-1);
    // Round trips on other connections: the request has arrived before them.
    for (let i = 0; i < 3; i++) await call('GET', `${served.url}/next`);
    served.server.publish('c')!.send('d');
    expect(await next).toBe(3);
    expect(() => subscribe(served.url, { from: -3 })).toThrow(RangeError);
  });

  test('says why it ended', async () => {
    await using served = await withChannel();
    const missing = subscribe(`${served.base}/none`, client);
    for await (const _segment of missing) expect.unreachable();
    expect(missing.end).toBe('not-found');

    served.server.publish('c')!.send('x');
    const left = subscribe(served.url, client);
    for await (const _segment of left) break;
    expect(left.end).toBe('left');

    const controller = new AbortController();
    const aborted = subscribe(served.url, { ...client, signal: controller.signal });
    for await (const _segment of aborted) controller.abort();
    expect(aborted.end).toBe('aborted');
    const never = subscribe(served.url, { ...client, signal: AbortSignal.abort() });
    for await (const _segment of never) expect.unreachable();
    expect(never.end).toBe('aborted');
  });

  test('reads a segment while it is written', async () => {
    await using served = await withChannel();
    const writing = openPost(`${served.url}/0`);
    writing.request.write('1');
    for await (const segment of subscribe(served.url, client)) {
      let text = '';
      for await (const chunk of segment.chunks) {
        text += Buffer.from(chunk).toString();
        if (text === '1') writing.request.write('2');
        else writing.request.end();
      }
      expect(text).toBe('12');
      break;
    }
  });

  test.each([
    ['empty segments', (asked: number) => ({ status: 200, seq: asked, latest: asked + 1 })],
    ['another number each time', (asked: number) => ({ status: 470, seq: asked, latest: asked - 1 })],
  ])('a server that answers with %s and nothing else is not asked without pause', async (_name, answer) => {
    const clock = simulatedClock();
    let asked = 0;
    const stop = new AbortController();
    const hostile = routeTransport(async () => {
      asked += 1;
      if (asked > 1_000) stop.abort(); // or a client without pauses would never let this test end
      const { status, seq, latest } = answer(1_000_000 + asked);
      return {
        status,
        headers: { 'lp-trickle-seq': `${seq}`, 'lp-trickle-latest': `${latest}`, 'content-length': '0' },
      };
    });
    const options = { transport: hostile, random: seededRandom(1), clock, from: 0, signal: stop.signal };
    const reading = (async () => {
      for await (const segment of subscribe('http://hostile.test/c', options)) await textOf(segment);
    })();
    await clock.advance(10_000);
    expect(asked).toBeLessThan(60);
    stop.abort();
    await reading;
  });

  test('skips empty segments and counts gaps', async () => {
    await using served = await withChannel();
    const publisher = served.server.publish('c')!;
    publisher.send('0');
    const subscription = subscribe(served.url, { ...client, from: 0 });
    const seen: [number, string, number][] = [];
    for await (const segment of subscription) {
      seen.push([segment.seq, await textOf(segment), segment.missed]);
      if (segment.seq === 0) {
        // The GET for 1 waits: it is the one that is answered empty.
        await until(() => served.channel.segment(1) !== undefined);
        for (let i = 0; i < 3; i++) publisher.segment().close();
        publisher.send('4');
      } else break;
    }
    expect(seen).toEqual([
      [0, '0', 0],
      [4, '4', 3],
    ]);
    expect(subscription.stats.empty + subscription.stats.jumps).toBeGreaterThan(0);
  });

  test('jumps to the live edge when it has fallen out of the window', async () => {
    await using served = await withChannel();
    const publisher = served.server.publish('c')!;
    for (let i = 0; i < 9; i++) publisher.send(`s${i}`);
    const subscription = subscribe(served.url, { ...client, from: 1 });
    const next = subscription[Symbol.asyncIterator]().next();
    await until(() => subscription.stats.jumps === 1);
    publisher.send('live');
    const { value } = await next;
    expect(value).toMatchObject({ seq: 9, missed: 8 });
    expect(subscription.stats.missed).toBe(8);
  });
});
