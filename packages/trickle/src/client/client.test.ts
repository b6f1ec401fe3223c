import { createTransport, type Transport, TransportError } from '@lp/runtime';
import { routeTransport, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { call, openPost } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { publishTo, subscribe, TrickleError, type TrickleSegment } from '../index.ts';

const transport = createTransport();
afterAll(() => transport.close());
const client = { transport, random: seededRandom(1) };
/** The same without uploads: what a browser has. */
const wholeOnly: Transport = {
  request: (request) => transport.request(request),
  stream: (request) => transport.stream(request),
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = async (segment: TrickleSegment): Promise<string> => {
  let text = '';
  for await (const chunk of segment.chunks) text += Buffer.from(chunk).toString();
  return text;
};
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};
const withChannel = async () => {
  const served = await serveTrickle();
  served.server.create('c');
  return { ...served, channel: served.server.open('c')!, url: `${served.base}/c` };
};

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

  /** A server as a function, on a simulated clock. */
  const scripted = (
    answers: ((
      index: string,
    ) => Promise<never> | { status?: number; headers?: Record<string, string>; body?: string })[],
  ) => {
    const asked: string[] = [];
    const clock = simulatedClock();
    const routes = routeTransport(
      ({ url }) => {
        const index = url.slice(url.lastIndexOf('/') + 1);
        asked.push(index);
        const answer = answers[Math.min(asked.length, answers.length) - 1];
        return answer?.(index) ?? {};
      },
      { clock },
    );
    return { asked, clock, options: { transport: routes, clock, random: seededRandom(1) } };
  };
  const segment =
    (seq: number, body = 'x') =>
    () => ({ headers: { 'Lp-Trickle-Seq': `${seq}` }, body });
  const gone = () => ({ headers: { 'Lp-Trickle-Closed': 'terminated' } });
  const silent = () => new Promise<never>(() => {});
  const unavailable = (latest: number) => () => ({
    status: 470,
    headers: { 'Lp-Trickle-Latest': `${latest}` },
  });
  const url = 'http://orchestrator.test/ai/trickle/secret-name';
  const collect = async (subscription: AsyncIterable<TrickleSegment>): Promise<number[]> => {
    const seqs: number[] = [];
    for await (const each of subscription) {
      await textOf(each);
      seqs.push(each.seq);
    }
    return seqs;
  };

  test('repeats a silent GET every 20 s without giving up', async () => {
    const { asked, clock, options } = scripted([...Array.from({ length: 30 }, () => silent), gone]);
    const subscription = subscribe(url, { ...options, from: 7 });
    expect(await clock.runUntil(collect(subscription))).toEqual([]);
    expect(asked).toEqual(Array.from({ length: 31 }, () => '7'));
    expect(clock.wallMs() - 1_700_000_000_000).toBe(600_000);
    expect(subscription.end).toBe('closed');
    expect(clock.pending).toBe(0);
  });

  test('470 too early: asks again after 250 ms, then goes back with the server', async () => {
    const { asked, clock, options } = scripted([unavailable(3), unavailable(3), segment(9), gone]);
    expect(await clock.runUntil(collect(subscribe(url, { ...options, from: 9 })))).toEqual([9]);
    expect(asked).toEqual(['9', '9', '9', '10']);
    expect(clock.wallMs() - 1_700_000_000_000).toBe(500);
    const back = scripted([...Array.from({ length: 5 }, () => unavailable(3)), segment(3), gone]);
    expect(await back.clock.runUntil(collect(subscribe(url, { ...back.options, from: 9 })))).toEqual([3]);
    expect(back.asked).toEqual(['9', '9', '9', '9', '9', '3', '4']);
  });

  test('470 for ever is refused, not repeated for ever', async () => {
    const { asked, clock, options } = scripted([(index) => unavailable(Number(index))()]);
    const subscription = subscribe(url, { ...options, from: 3 });
    await expect(clock.runUntil(collect(subscription))).rejects.toMatchObject({
      code: 'rejected',
      status: 470,
    });
    expect(asked.length).toBeLessThan(10);
    expect(subscription.end).toBe('failed');
  });

  test.each([
    ['no connection', () => Promise.reject(new TransportError('connect', 'down', { url, sent: false }))],
    [
      'a lost connection',
      () => Promise.reject(new TransportError('connection-lost', 'down', { url, sent: true })),
    ],
    [
      'an unreachable host',
      () => Promise.reject(new TransportError('timeout', 'down', { url, sent: false })),
    ],
    ['a failing server', () => ({ status: 503 })],
  ])('%s is retried five times', async (_name, answer) => {
    const { asked, clock, options } = scripted([answer]);
    const failed = clock.runUntil(collect(subscribe(url, options)));
    await expect(failed).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toHaveLength(5);
    expect(clock.pending).toBe(0);
    const once = scripted([answer, segment(0), gone]);
    expect(await once.clock.runUntil(collect(subscribe(url, once.options)))).toEqual([0]);
  });

  test.each([
    ['a refusal', { status: 401 }, 'rejected'],
    ['a redirect', { status: 302 }, 'rejected'],
    ['an answer without a number', { status: 200, body: '<html>' }, 'protocol'],
  ])('%s is told at once, without the name of the channel', async (_name, answer, code) => {
    const { asked, clock, options } = scripted([() => answer]);
    const error: unknown = await clock
      .runUntil(collect(subscribe(url, options)))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).not.toContain('secret-name');
    expect(asked).toHaveLength(1);
  });

  test('a writer that goes silent inside a segment does not hold the subscription', async () => {
    const clock = simulatedClock();
    const stalling = routeTransport(
      ({ url: asked }) => {
        if (asked.endsWith('/1')) return { headers: { 'Lp-Trickle-Seq': '1' }, body: 'next' };
        if (asked.endsWith('/2')) return gone();
        const body = (async function* () {
          yield bytes('part');
          await new Promise(() => {});
        })();
        return { headers: { 'Lp-Trickle-Seq': '0' }, body };
      },
      { clock },
    );
    const subscription = subscribe(url, { transport: stalling, clock, random: seededRandom(1) });
    const seen: [string, string | undefined][] = [];
    await clock.runUntil(
      (async () => {
        for await (const each of subscription) seen.push([await textOf(each), each.cut]);
      })(),
    );
    expect(seen).toEqual([
      ['part', 'stalled'],
      ['next', undefined],
    ]);
    expect(clock.wallMs() - 1_700_000_000_000).toBe(30_000);
    expect(subscription.stats.cut).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('a connection that breaks inside a segment is taken up where it broke', async () => {
    const clock = simulatedClock();
    let attempts = 0;
    const breaking = routeTransport(
      ({ url: asked }) => {
        if (!/\/(?:0|-2)$/.test(asked)) return gone();
        attempts += 1;
        const length = 3 * attempts;
        const body = (async function* () {
          for (const letter of 'abcdefgh'.slice(0, length)) yield bytes(letter);
          if (length < 8) throw new TransportError('connection-lost', 'cut', { url: asked, sent: true });
        })();
        return { headers: { 'Lp-Trickle-Seq': '0' }, body };
      },
      { clock },
    );
    const subscription = subscribe(url, { transport: breaking, clock, random: seededRandom(1) });
    const texts: string[] = [];
    await clock.runUntil(
      (async () => {
        for await (const each of subscription) texts.push(await textOf(each));
      })(),
    );
    expect(texts).toEqual(['abcdefgh']);
    expect(subscription.stats).toMatchObject({ retries: 2, cut: 0, bytes: 8 });
  });
});
