import { routeTransport, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { call } from '../../test/bare-client.ts';
import { transport, wholeOnly, withChannel } from '../../test/client-fixture.ts';
import { serveTrickle } from '../../test/serve.ts';
import { bytes, until } from '../../test/until.ts';
import { publishTo, TrickleError } from '../index.ts';

afterAll(() => transport.close());

describe('streamed publisher', () => {
  const options = { transport, random: seededRandom(1), lingerMs: 0 };

  test('bytes reach the server as they are written, and the next POST waits already', async () => {
    await using served = await withChannel();
    const publisher = publishTo(served.url, options);
    await until(() => served.channel.segment(0) !== undefined);
    const writer = publisher.segment();
    await writer.write(bytes('now'));
    await until(() => served.channel.segment(0)?.bytes === 3 && served.channel.segment(1) !== undefined);
    expect(served.channel.nextWrite).toBe(1);
    await writer.close();
    await publisher.close();
  });

  test('survives interim 100 while it waits', async () => {
    const clock = simulatedClock();
    await using served = await serveTrickle({ clock, idleMs: 3_600_000 }, { interim: 'continue' });
    served.server.create('c');
    const url = `${served.base}/c`;
    const publisher = publishTo(url, options);
    await until(() => served.server.open('c')?.segment(0) !== undefined);
    for (let i = 0; i < 4; i++) await clock.advance(10_000);
    await publisher.send('late');
    expect((await call('GET', `${url}/0`)).body).toBe('late');
    await publisher.close();
  });

  test('a segment that somebody closed ahead is skipped', async () => {
    await using served = await withChannel();
    const publisher = publishTo(served.url, options);
    await until(() => served.channel.segment(0) !== undefined);
    await call('DELETE', `${served.url}/0`);
    await new Promise((resolve) => setImmediate(resolve));
    const writer = publisher.segment();
    await writer
      .write(bytes('x'))
      .then(() => writer.close())
      .catch(() => {});
    if (writer.seq === 0) await publisher.send('x');
    expect((await call('GET', `${served.url}/1`)).body).toBe('x');
    await publisher.close();
  });

  test('an outage of the server while waiting is retried; its end inside a segment loses that segment', async () => {
    await using served = await withChannel();
    let refused = 2;
    const failing = {
      ...wholeOnly,
      upload: (request: Parameters<NonNullable<typeof transport.upload>>[0]) => {
        if (refused-- > 0) {
          const upload = transport.upload!(request);
          upload.abort('network down');
          return upload;
        }
        return transport.upload!(request);
      },
    };
    const clock = simulatedClock();
    const publisher = publishTo(served.url, { ...options, transport: failing, clock });
    await clock.runUntil(publisher.send('after the outage'));
    expect((await call('GET', `${served.url}/0`)).body).toBe('after the outage');
    expect(publisher.stats.retries).toBeGreaterThan(0);
    await clock.runUntil(publisher.close());
    expect(clock.pending).toBe(0);
  });

  test('a broken connection inside a segment loses it, frees its readers, and the next one works', async () => {
    await using served = await withChannel();
    const uploads: { abort(reason?: unknown): void }[] = [];
    const watched = {
      ...wholeOnly,
      upload: (request: Parameters<NonNullable<typeof transport.upload>>[0]) => {
        const upload = transport.upload!(request);
        uploads.push(upload);
        return upload;
      },
    };
    const publisher = publishTo(served.url, { ...options, transport: watched });
    const writer = publisher.segment();
    await writer.write(bytes('half'));
    await until(() => served.channel.segment(0)?.bytes === 4);
    const reader = call('GET', `${served.url}/0`);
    uploads[0]?.abort('cable');
    await expect(writer.close()).rejects.toMatchObject({ code: 'segment-lost' });
    expect((await reader).body).toBe('half');
    await publisher.send('whole');
    expect((await call('GET', `${served.url}/1`)).body).toBe('whole');
    expect(publisher.stats).toMatchObject({ lost: 1, segments: 1 });
    await publisher.close();
  });

  test('a server that takes no bytes is given up at the deadline', async () => {
    const clock = simulatedClock();
    const mute = {
      ...routeTransport(() => ({ headers: { 'Lp-Trickle-Latest': '0' } }), { clock }),
      upload: () => ({
        response: new Promise<never>(() => {}),
        connected: Promise.resolve(),
        bodyStarted: true,
        write: () => new Promise<void>(() => {}),
        end: () => {},
        abort: () => {},
      }),
    };
    const publisher = publishTo('http://orchestrator.test/c', {
      ...options,
      transport: mute,
      clock,
      stallMs: 1_000,
    });
    const codes: string[] = [];
    for (let i = 0; i < 4; i++) {
      const outcome = await clock.runUntil(
        (async () => publisher.send('x'))().catch((error: TrickleError) => error.code),
      );
      codes.push(String(outcome));
    }
    // The third lost segment in a row is the last one tried.
    expect(codes).toEqual(['stalled', 'stalled', 'stalled', 'stalled']);
    expect(clock.wallMs() - 1_700_000_000_000).toBe(3_000);
    expect(publisher.stats.lost).toBe(3);
    await clock.runUntil(publisher.close());
    expect(clock.pending).toBe(0);
  });
});
