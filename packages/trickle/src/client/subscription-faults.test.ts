import { TransportError } from '@lp/runtime';
import { routeTransport, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { textOf, transport } from '../../test/client-fixture.ts';
import { bytes } from '../../test/until.ts';
import { subscribe, type TrickleSegment } from '../index.ts';

afterAll(() => transport.close());

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

describe('subscriber of a server that fails', () => {
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
