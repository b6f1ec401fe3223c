import { describe, expect, test } from 'vitest';
import { call, openGet, openPost } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { until } from '../../test/until.ts';
import { ChannelRefusedError, createTrickleServer, LocalWriteError } from './index.ts';

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
