import { seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { call, openPost } from '../../test/bare-client.ts';
import { client, textOf, transport, wholeOnly, withChannel } from '../../test/client-fixture.ts';
import { serveTrickle } from '../../test/serve.ts';
import { bytes, until } from '../../test/until.ts';
import { publishTo, subscribe, TrickleError } from '../index.ts';

afterAll(() => transport.close());

describe.each([
  ['streamed', transport],
  ['whole segments', wholeOnly],
])('publisher, %s', (_name, used) => {
  const options = { transport: used, random: seededRandom(1), lingerMs: 0 };

  test('publishes what a subscriber reads, and close ends both', async () => {
    await using served = await withChannel();
    const publisher = publishTo(served.url, options);
    const sent = ['one', 'two', 'three'];
    const received: [number, string][] = [];
    const subscription = subscribe(served.url, { ...client, from: 0 });
    const reading = (async () => {
      for await (const segment of subscription) received.push([segment.seq, await textOf(segment)]);
    })();
    for (const text of sent) await publisher.send(text);
    await until(() => received.length === 3);
    await publisher.close();
    await reading;
    expect(received).toEqual(sent.map((text, seq) => [seq, text]));
    expect(subscription.end).toBe('closed');
    expect(subscription.stats).toMatchObject({ segments: 3, missed: 0, cut: 0, retries: 0 });
    expect(publisher.stats).toEqual({ segments: 3, bytes: 11, lost: 0, retries: 0 });
    expect(served.server.channel('c')).toBeUndefined();
  });

  test('goes on after the last number and releases readers of an earlier publisher', async () => {
    await using served = await withChannel();
    const crashed = openPost(`${served.url}/0`);
    crashed.request.write('part');
    await until(() => served.channel.segment(0)?.bytes === 4);
    const stuck = call('GET', `${served.url}/0`);
    const publisher = publishTo(served.url, options);
    await publisher.send('next');
    expect((await stuck).body).toBe('part');
    expect((await call('GET', `${served.url}/1`)).body).toBe('next');
    await publisher.close();
    crashed.request.destroy();
  });

  test('a missing channel is terminal at once', async () => {
    await using served = await serveTrickle();
    const publisher = publishTo(`${served.base}/secret-name`, options);
    const error: unknown = await publisher.send('x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TrickleError);
    expect(error).toMatchObject({ code: 'not-found', terminal: true });
    expect(String((error as Error).message)).not.toContain('secret-name');
    expect(publisher.ended).toBe(error);
    expect(() => publisher.segment()).toThrow(TrickleError);
    await publisher.close();
  });

  test('a channel deleted between segments ends the publisher', async () => {
    await using served = await withChannel();
    const publisher = publishTo(served.url, options);
    await publisher.send('x');
    served.server.delete('c');
    const outcome = await publisher
      .send('y')
      .then(() => publisher.send('z'))
      .catch((error: unknown) => error);
    expect(['closed', 'not-found']).toContain((outcome as TrickleError).code);
    expect(publisher.ended).toBeDefined();
    await publisher.close();
  });

  test('gives up an unreachable server after bounded attempts', async () => {
    const served = await serveTrickle();
    await served[Symbol.asyncDispose]();
    const clock = simulatedClock();
    const publisher = publishTo(`${served.base}/c`, { ...options, clock });
    const sending = publisher.send('x').catch((error: unknown) => error);
    expect(await clock.runUntil(sending)).toMatchObject({ code: 'unreachable' });
    expect(publisher.stats.retries).toBe(4);
    await clock.runUntil(publisher.close());
    expect(clock.pending).toBe(0);
  });

  test('aborts with its signal', async () => {
    await using served = await withChannel();
    const controller = new AbortController();
    const publisher = publishTo(served.url, { ...options, signal: controller.signal });
    await publisher.send('x');
    controller.abort();
    await expect(publisher.send('y')).rejects.toMatchObject({ code: 'aborted' });
    await publisher.close();
    expect(served.server.channel('c')).toBeUndefined();
  });

  test('one segment at a time', async () => {
    await using served = await withChannel();
    const publisher = publishTo(served.url, options);
    const first = publisher.segment();
    expect(() => publisher.segment()).toThrow(expect.objectContaining({ code: 'segment-open' }));
    await first.write(bytes('a'));
    const closing = first.close();
    await expect(first.write(bytes('b'))).rejects.toThrow(TypeError);
    const second = publisher.segment();
    await second.write(bytes('c'));
    await Promise.all([closing, second.close()]);
    expect([first.seq, second.seq]).toEqual([0, 1]);
    await publisher.close();
  });
});
