import { createTransport } from '@lp/runtime';
import { seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, expect, test } from 'vitest';
import { call } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { encodeFrame, type Frame, publishFrames, subscribeFrames } from '../index.ts';

const transport = createTransport();
afterAll(() => transport.close());
const client = { transport, random: seededRandom(1) };
const frame = (number: number): Frame => ({
  number,
  capturedUs: BigInt(number) * 50_000n,
  jpeg: new Uint8Array(30_000).fill(number),
});

test('frames arrive as they are written, in segments of half a second', async () => {
  const clock = simulatedClock();
  await using served = await serveTrickle();
  served.server.create('c', { contentType: 'application/x-lp-frames' });
  const url = `${served.base}/c`;
  const publisher = publishFrames(url, { ...client, clock, lingerMs: 0 });
  const subscription = subscribeFrames(url, { ...client, from: 0 });
  const frames = subscription[Symbol.asyncIterator]();
  // Nothing is lost although each frame is read before the next is written: they are not held back.
  for (let number = 0; number < 30; number++) {
    const next = frames.next();
    await publisher.write(frame(number));
    expect((await next).value).toEqual(frame(number));
    await clock.advance(50);
  }
  // 30 frames of 50 ms make three segments.
  expect(served.server.channel('c')?.nextWrite).toBe(3);
  await publisher.close();
  expect((await frames.next()).done).toBe(true);
  expect(subscription.end).toBe('closed');
  expect(subscription.stats).toMatchObject({ frames: 30, segments: 3, missed: 0, broken: 0 });
  expect(publisher.stats).toEqual({ frames: 30, dropped: 0 });
});

test('a broken segment is counted, and the next one read', async () => {
  await using served = await serveTrickle();
  served.server.create('c');
  const url = `${served.base}/c`;
  const whole = Buffer.from(encodeFrame(frame(7)));
  await call('POST', `${url}/0`, { body: 'what is this' });
  await fetch(`${url}/1`, { method: 'POST', body: whole.subarray(0, 1_000) });
  await fetch(`${url}/2`, { method: 'POST', body: whole });
  const subscription = subscribeFrames(url, { ...client, from: 0 });
  for await (const each of subscription) {
    expect(each).toEqual(frame(7));
    break;
  }
  expect(subscription.stats).toMatchObject({ broken: 2, frames: 1 });
});

test('writing to a channel that is gone fails', async () => {
  await using served = await serveTrickle();
  const publisher = publishFrames(`${served.base}/none`, client);
  await expect(publisher.write(frame(1))).rejects.toMatchObject({ code: 'not-found' });
  expect(publisher.ended).toBeDefined();
  await publisher.close();
});
