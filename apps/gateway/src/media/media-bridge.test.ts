import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { FakeMedia, jpeg } from '../../test/fake-media.ts';
import { MediaBridge } from './media-bridge.ts';

async function running() {
  const clock = simulatedClock();
  const media = new FakeMedia();
  const troubles: string[] = [];
  const bridge = new MediaBridge({
    media,
    clock,
    channels: { in: 'in', out: 'out' },
    listener: {
      channelTrouble: (channel, _url, cause) => troubles.push(`${channel}: ${cause}`),
      outputResumed: () => {},
    },
  });
  const stop = new AbortController();
  const run = bridge.run(stop.signal);
  await clock.advance(0);
  const end = async () => {
    stop.abort();
    await run;
    expect(clock.pending).toBe(0);
  };
  return { clock, media, bridge, troubles, end };
}

describe('MediaBridge', () => {
  it('leaves frames out for a slow viewer only', async () => {
    const { bridge, clock, end } = await running();
    const fast: Uint8Array[] = [];
    bridge.watch({ show: (record) => fast.push(record) > 0 });
    const leave = bridge.watch({ show: () => false });
    for (let number = 0; number < 3; number += 1) {
      bridge.accept(jpeg(number));
      await clock.advance(10);
    }
    expect([fast.length, bridge.counters().droppedOutput]).toEqual([3, 3]);
    leave();
    bridge.accept(jpeg(9));
    await clock.advance(10);
    expect([fast.length, bridge.counters().droppedOutput]).toEqual([4, 3]);
    await end();
  });

  it('goes on trying both channels, twice a second, and loses no more than what came meanwhile', async () => {
    const { bridge, clock, media, troubles, end } = await running();
    media.failure = new Error('refused');
    for (let tenth = 0; tenth < 20; tenth += 1) {
      bridge.accept(jpeg(tenth));
      await clock.advance(100);
    }
    expect(new Set(troubles)).toEqual(new Set(['in: refused']));
    expect(troubles.length).toBeGreaterThanOrEqual(4);
    expect(bridge.counters()).toMatchObject({ received: 20, published: 0 });
    media.failure = undefined;
    await clock.advance(1000);
    // Of the pictures that waited only the newest are sent.
    expect(media.published.at(-1)?.jpeg[2]).toBe(19);
    expect(bridge.counters().published).toBeLessThanOrEqual(5);
    await end();
  });

  it('subscribes again when the output breaks off', async () => {
    const { clock, media, troubles, end, bridge } = await running();
    expect(media.subscriptions).toBe(1);
    media.breakOff(new Error('connection reset'));
    await clock.advance(10);
    expect(troubles).toEqual(['out: connection reset']);
    await clock.advance(600);
    expect(media.subscriptions).toBe(2);
    bridge.accept(jpeg(1));
    await clock.advance(10);
    expect(bridge.counters().returned).toBe(1);
    await end();
  });
});
