import { describe, expect, test } from 'vitest';
import { call } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { bytes } from '../../test/until.ts';
import { createTrickleServer } from './index.ts';

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
