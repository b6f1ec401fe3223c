import { type HttpRequest, TransportError } from '@lp/runtime';
import { routeTransport, seededRandom, simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it, vi } from 'vitest';
import { registerRunner } from './registration.ts';
import type { RegistrationOptions, RunnerEvent } from './registration-options.ts';

interface Seen {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { runner_id?: string; status?: string; session_ids?: string[]; price_info?: unknown };
  readonly atMs: number;
}

type Answer = { status?: number; body?: unknown };

/** A runner on a simulated clock against a scripted orchestrator, without messages about sessions. */
function world(answer: (seen: Seen, count: number) => Answer, options: Partial<RegistrationOptions> = {}) {
  const clock = simulatedClock({ startMs: 0 });
  const seen: Seen[] = [];
  const events: RunnerEvent[] = [];
  const transport = routeTransport(
    (request: HttpRequest) => {
      const text = typeof request.body === 'string' ? request.body : '{}';
      const entry = {
        path: new URL(request.url).host + new URL(request.url).pathname,
        authorization: request.headers?.['authorization'],
        body: JSON.parse(text),
        atMs: clock.wallMs(),
      };
      seen.push(entry);
      const { status = 200, body = {} } = answer(entry, seen.length);
      return { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
    },
    { clock },
  );
  const open = () =>
    registerRunner({
      orchestrator: 'http://orchestrator.test/base/',
      secret: 'bootstrap-secret',
      runnerUrl: 'http://runner.test:9',
      app: 'lp/test',
      price: { usd: '0.50' },
      clock,
      transport,
      random: seededRandom(1),
      onEvent: (event) => events.push(event),
      ...options,
    });
  return { clock, seen, events, open };
}

const created = (extra: object = {}): Answer => ({
  body: {
    runner_id: 'runner_1',
    heartbeat_secret: 'beat-secret',
    heartbeat_interval: '5s',
    heartbeat_ttl: '20s',
    session_ids: [],
    ...extra,
  },
});
const alive = (ids: string[] = []): Answer => ({ body: { runner_id: 'runner_1', session_ids: ids } });

describe('registerRunner', () => {
  it('bootstraps, then beats at the interval with the secret it was given', async () => {
    const { clock, seen, open } = world((_, count) => (count === 1 ? created() : alive(['s1'])));
    const registration = await clock.runUntil(open());
    expect(registration.runnerId).toBe('runner_1');
    await clock.advance(10_500);
    expect(seen.map(({ authorization, atMs }) => [authorization, atMs])).toEqual([
      ['bootstrap-secret', 0],
      ['beat-secret', 5_000],
      ['beat-secret', 10_000],
    ]);
    expect(seen[0]?.path).toBe('orchestrator.test/base/runners/heartbeat');
    expect(seen[0]?.body).not.toHaveProperty('runner_id');
    expect(seen[0]?.body.price_info).toEqual({ price: 0.5, currency: 'usd', unit: 'hour' });
    expect(seen[2]?.body).toMatchObject({ runner_id: 'runner_1', status: 'ready', session_ids: ['s1'] });
    await clock.runUntil(registration.close());
    expect(seen.at(-1)).toMatchObject({
      path: 'orchestrator.test/base/runners/runner_1/unregister',
      authorization: 'beat-secret',
    });
    expect(clock.pending).toBe(0);
    const count = seen.length;
    await registration.close();
    await clock.advance(60_000);
    expect(seen).toHaveLength(count);
  });

  it('follows the address it was given, but sends the bootstrap secret to the configured one only', async () => {
    const { clock, seen, open } = world(({ authorization }, count) => {
      if (authorization === 'bootstrap-secret') return created({ orchestrator: 'http://other.test' });
      return count === 2 ? { status: 401, body: 'invalid' } : alive();
    });
    const registration = await clock.runUntil(open());
    await clock.advance(11_000);
    await clock.runUntil(registration.close());
    for (const { path, authorization } of seen) {
      expect(
        path.startsWith(authorization === 'bootstrap-secret' ? 'orchestrator.test/' : 'other.test/'),
      ).toBe(true);
    }
    expect(seen.filter(({ authorization }) => authorization === 'bootstrap-secret')).toHaveLength(2);
  });

  it.each([401, 404])('registers anew after %i: sessions are void, the id is a new one', async (status) => {
    let lost = false;
    const { clock, seen, events, open } = world(({ authorization }) => {
      if (authorization === 'bootstrap-secret') return created({ session_ids: lost ? [] : ['s1'] });
      lost = true;
      return { status, body: 'no' };
    });
    const registration = await clock.runUntil(open());
    await clock.advance(5_500);
    expect(events.map((event) => event.type)).toEqual([
      'registered',
      'reserved',
      'lost',
      'released',
      'registered',
    ]);
    expect(events).toContainEqual({ type: 'released', sessionId: 's1', reason: 'runner-lost' });
    expect(events).toContainEqual({ type: 'registered', runnerId: 'runner_1', again: true });
    expect(seen[2]?.body).not.toHaveProperty('runner_id');
    await clock.runUntil(registration.close());
  });

  it('keeps trying to come back, however long the orchestrator refuses', async () => {
    let refusing = true;
    const { clock, events, open } = world(({ authorization }, count) => {
      if (count === 1) return created();
      if (authorization === 'beat-secret' && count === 2) return { status: 401, body: 'x' };
      return refusing ? { status: 401, body: 'x' } : created({ runner_id: 'runner_2' });
    });
    const registration = await clock.runUntil(open());
    await clock.advance(300_000);
    expect(registration.runnerId).toBe('runner_1');
    refusing = false;
    await clock.advance(15_000);
    expect(registration.runnerId).toBe('runner_2');
    expect(events.at(-1)).toEqual({ type: 'registered', runnerId: 'runner_2', again: true });
    await clock.runUntil(registration.close());
  });

  it.each([
    [401, 'invalid registration authorization', 'unauthorized'],
    [404, 'dynamic live runner registration is disabled', 'disabled'],
    [400, 'app must be trimmed', 'refused'],
  ])('gives up at once on %i %s', async (status, body, code) => {
    const { clock, seen, open } = world(() => ({ status, body }));
    const error = await clock.runUntil(open().catch((reason: unknown) => reason));
    expect(error).toMatchObject({ name: 'RegistrationError', code, status });
    expect(String(error)).toContain(body);
    expect(String(error)).not.toContain('bootstrap-secret');
    expect(seen).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('waits for an earlier registration under its own id to expire', async () => {
    const { clock, seen, open } = world(
      ({ atMs }) =>
        atMs < 20_000
          ? { status: 401, body: 'invalid heartbeat authorization' }
          : atMs < 25_000
            ? { status: 404, body: 'runner not found' }
            : created({ runner_id: 'mine' }),
      { runnerId: 'mine' },
    );
    const registration = await clock.runUntil(open());
    expect(registration.runnerId).toBe('mine');
    expect(seen.at(-1)?.atMs).toBeGreaterThanOrEqual(25_000);
    await clock.runUntil(registration.close());
  });

  it('says so when the orchestrator does not answer in time', async () => {
    const { clock, open, seen } = world(
      () => {
        throw new TransportError('connect', 'refused', { url: 'http://orchestrator.test', sent: false });
      },
      { openTimeoutMs: 20_000 },
    );
    const error = await clock.runUntil(open().catch((reason: unknown) => reason));
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(seen.length).toBeGreaterThan(2);
    expect(clock.wallMs()).toBe(20_000);
  });

  it('survives failed heartbeats and bad answers', async () => {
    const { clock, events, open } = world((_, count) => {
      if (count === 1) return created({ session_ids: ['s1'] });
      if (count === 2) return { status: 500, body: 'Internal Server Error' };
      if (count === 3) return { body: '{"runner_id":7}' };
      return alive(['s1']);
    });
    const registration = await clock.runUntil(open());
    await clock.advance(20_500);
    expect(events.filter(({ type }) => type === 'heartbeat-failed')).toEqual([
      { type: 'heartbeat-failed', message: 'Internal Server Error', status: 500 },
      { type: 'heartbeat-failed', message: 'runner_id must be of type string' },
    ]);
    expect(registration.sessionIds).toEqual(['s1']);
    await clock.runUntil(registration.close());
  });

  it('closes when its signal aborts', async () => {
    const controller = new AbortController();
    const { clock, events, seen, open } = world(() => created({ session_ids: ['s1'] }), {
      signal: controller.signal,
    });
    const registration = await clock.runUntil(open());
    controller.abort();
    await clock.runUntil(registration.closed);
    expect(events.slice(-2)).toEqual([
      { type: 'released', sessionId: 's1', reason: 'closed' },
      { type: 'closed' },
    ]);
    expect(seen.at(-1)?.path).toContain('/unregister');
  });

  it('goes on when the caller does not cope with an event', async () => {
    const thrown: unknown[] = [];
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => {
      expect(callback).toThrow('defect');
      thrown.push(callback);
    });
    const { clock, seen, open } = world((_, count) => (count === 1 ? created() : alive(['s1'])), {
      onEvent: () => {
        throw new Error('defect');
      },
    });
    const registration = await clock.runUntil(open());
    await clock.advance(10_500);
    expect(seen).toHaveLength(3);
    expect(registration.sessionIds).toEqual(['s1']);
    await clock.runUntil(registration.close());
    expect(thrown.length).toBeGreaterThan(0);
    later.mockRestore();
  });

  it('tells at once when it becomes not ready', async () => {
    const { clock, seen, open } = world((_, count) => (count === 1 ? created() : alive()));
    const registration = await clock.runUntil(open());
    await clock.advance(1_000);
    registration.setReady(false);
    await clock.advance(100);
    expect(seen.at(-1)).toMatchObject({ atMs: 1_000, body: { status: 'not-ready' } });
    await clock.runUntil(registration.close());
  });

  it.each([
    [{ orchestrator: 'ftp://x' }, 'orchestrator must be an http(s) URL'],
    [{ orchestrator: 'http://user:pass@x' }, 'orchestrator must be an http(s) URL'],
    [{ secret: ' ' }, 'secret must be printable ASCII'],
    [{ runnerUrl: 'x' }, 'invalid runner_url'],
    [{ app: ' a' }, 'app must be trimmed'],
    [{ price: { usd: '0' } }, 'price_info.price must be a positive decimal'],
    [{ capacity: -1 }, 'capacity must be >= 0'],
  ])('refuses %j before anything is sent', async (options, message) => {
    const { seen, open } = world(() => created(), options);
    await expect(open()).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(message),
    });
    expect(seen).toHaveLength(0);
  });
});

describe('Registration.session', () => {
  const headers = (id: string, origin = 'http://orchestrator.test') => ({
    'livepeer-session-id': id,
    'livepeer-session-token': 't',
    'livepeer-session-control': `${origin}/runner/runner_1/session/${id}`,
  });

  it('asks the orchestrator about a session it has not heard of, and refuses what is foreign', async () => {
    const { clock, open } = world((_, count) => (count === 1 ? created() : alive(['s1'])));
    const registration = await clock.runUntil(open());
    const session = await clock.runUntil(registration.session(headers('s1')));
    expect(session).toMatchObject({ id: 's1' });
    expect(session.signal?.aborted).toBe(false);
    await expect(clock.runUntil(registration.session(headers('s2')))).rejects.toMatchObject({
      code: 'foreign-session',
    });
    await expect(registration.session(headers('s1', 'http://evil.test'))).rejects.toMatchObject({
      code: 'foreign-session',
    });
    await expect(registration.session({})).rejects.toMatchObject({ code: 'no-session' });
    await clock.runUntil(registration.close());
    expect(session.signal?.reason).toMatchObject({ reason: 'closed' });
  });
});
