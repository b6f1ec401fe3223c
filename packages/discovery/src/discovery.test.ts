import type { Price } from '@lp/pricing';
import { TransportError } from '@lp/runtime';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AddressError,
  discoverRunners,
  HealthMemory,
  joinUrl,
  listRequests,
  originUrl,
  parseAddress,
  parseRunnerList,
  type RunnerOffer,
  selectRunners,
} from './index.ts';

const runner = (extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  url: 'https://o.example:8935/apps/runner_a/session',
  app: 'lp/edges',
  mode: 'persistent',
  capacity: 2,
  capacity_used: 1,
  capacity_available: 1,
  price_info: { price: 1388888888888, currency: 'wei', unit: 'seconds' },
  ...extra,
});

const listOf = (...runners: unknown[]): string =>
  JSON.stringify([{ address: 'https://o.example:8935/', runners }]);

const perSecond = (wei: bigint): Price => ({ wei, per: 1n, unit: 'seconds' });

const offer = (extra: Partial<RunnerOffer> = {}): RunnerOffer => ({
  orchestrator: 'https://o.example',
  url: 'https://o.example/apps/a/session',
  app: 'lp/edges',
  mode: 'persistent',
  capacity: { total: 1, used: 0, available: 1 },
  price: perSecond(100n),
  ageMs: 0,
  ...extra,
});

describe('addresses (client.md section 1.1)', () => {
  test('an address without a scheme is https', () => {
    expect(parseAddress('o.example:8935').href).toBe('https://o.example:8935/');
  });

  test.each([
    '',
    'ftp://o.example',
    'https://user:secret@o.example',
    'http://',
    'javascript://x',
    'x'.repeat(3000),
  ])('refuses %j without repeating it', (text) => {
    expect(() => parseAddress(text)).toThrow(AddressError);
    if (text.includes('secret')) expect(() => parseAddress(text)).not.toThrow(/secret/);
  });

  test('an origin-based endpoint drops path and query, a join-based one keeps the path', () => {
    expect(originUrl('https://s.example/base?x=1#y', '/sign-orchestrator-info')).toBe(
      'https://s.example/sign-orchestrator-info',
    );
    expect(joinUrl('https://o.example/base/?x=1#y', '/discovery')).toBe('https://o.example/base/discovery');
  });

  test('filters are appended to a discovery URL as it was given', () => {
    const { requests } = listRequests(
      [
        { kind: 'signer', url: 'https://s.example/dropped', headers: { authorization: 'a' } },
        { kind: 'url', url: 'https://d.example/list?region=eu', headers: { 'x-key': 'b' } },
        { kind: 'orchestrators', urls: ['o.example', ' '] },
      ],
      'lp/edges',
    );
    expect(requests).toEqual([
      {
        kind: 'signer',
        url: 'https://s.example/discover-orchestrators?caps=lp/edges',
        headers: { authorization: 'a' },
      },
      { kind: 'url', url: 'https://d.example/list?region=eu&app=lp/edges', headers: { 'x-key': 'b' } },
      { kind: 'orchestrator', url: 'https://o.example/discovery', headers: {} },
    ]);
  });
});

describe('reading a list', () => {
  test('a runner as upstream publishes it', () => {
    const { offers, skipped } = parseRunnerList(
      listOf(runner({ gpu: { id: '0', name: 'L4', vram_mb: 24000 }, version: '1', metadata: 'm' })),
      0,
    );
    expect(skipped).toEqual([]);
    expect(offers).toEqual([
      {
        orchestrator: 'https://o.example:8935',
        url: 'https://o.example:8935/apps/runner_a/session',
        app: 'lp/edges',
        mode: 'persistent',
        capacity: { total: 2, used: 1, available: 1 },
        price: perSecond(1388888888888n),
        gpu: { id: '0', name: 'L4', vramMb: 24000 },
        version: '1',
        metadata: 'm',
        ageMs: 0,
      },
    ]);
  });

  test('a price finer than 400 decimals is no price', () => {
    const at = (decimals: number) => {
      const price = `0.${'0'.repeat(decimals - 1)}1`;
      return parseRunnerList(listOf(runner({ price_info: { price, currency: 'wei', unit: 'seconds' } })), 0);
    };
    expect(at(400).offers[0]?.price).toEqual({ wei: 1n, per: 10n ** 400n, unit: 'seconds' });
    expect(at(401)).toMatchObject({
      skipped: [{ code: 'invalid-price', message: expect.stringContaining('400 decimals') }],
    });
  });

  test('a price beyond 2^53 is exact', () => {
    const text = listOf(runner()).replace('1388888888888', '9223372036854775807');
    expect(parseRunnerList(text, 0).offers[0]?.price?.wei).toBe(9223372036854775807n);
  });

  test.each([
    ['"5e3"', perSecond(5000n)],
    ['"12"', perSecond(12n)],
    ['0.5', { wei: 1n, per: 2n, unit: 'seconds' }],
    ['true', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['"1/3"', undefined],
    ['9223372036854775808', undefined],
    ['null', undefined],
  ])('price %s', (text, expected) => {
    const { offers, skipped } = parseRunnerList(listOf(runner()).replace('1388888888888', text), 0);
    expect(offers).toHaveLength(1);
    expect(offers[0]?.price).toEqual(expected);
    expect(skipped.map(({ code }) => code)).toEqual(expected === undefined ? ['invalid-price'] : []);
  });

  test.each([
    ['not-an-object', 7],
    ['invalid-url', runner({ url: 'file:///etc/passwd' })],
    ['invalid-url', runner({ url: 'o.example/apps/x/session' })],
    ['invalid-url', runner({ url: 3 })],
    ['invalid-app', runner({ app: ' ' })],
    ['invalid-capacity', runner({ capacity: 1.5 })],
    ['invalid-metadata', runner({ metadata: 'ü'.repeat(600) })],
    ['invalid-metadata', runner({ metadata: '\uFFFD' })],
  ])('%s skips that runner only', (code, bad) => {
    const { offers, skipped } = parseRunnerList(listOf(bad, runner()), 0);
    expect(offers).toHaveLength(1);
    expect(skipped).toMatchObject([{ code, path: '[0].runners[0]' }]);
  });

  test('a bad address skips that entry only; a legacy entry without runners is fine', () => {
    const text = JSON.stringify([
      { address: 'ftp://x', runners: [runner()] },
      { address: 'https://legacy.example' },
      { address: 'https://o.example', runners: {} },
      { address: 'https://o.example', runners: [runner()] },
    ]);
    const { offers, skipped } = parseRunnerList(text, 0);
    expect(offers).toHaveLength(1);
    expect(skipped.map(({ code }) => code)).toEqual(['invalid-address', 'invalid-runners']);
  });

  test('a mode that is not stated is read from the URL', () => {
    const modes = parseRunnerList(
      listOf(
        runner({ mode: undefined }),
        runner({ mode: undefined, url: 'https://o.example/apps/x/app' }),
        runner({ mode: undefined, url: 'https://o.example/scope' }),
      ),
      0,
    ).offers.map(({ mode }) => mode);
    expect(modes).toEqual(['persistent', 'single-shot', 'unknown']);
  });

  test.each([
    [{ last_seen: '1970-01-01T00:16:40Z' }, 5_000],
    [{ last_seen: 1_000 }, 5_000],
    [{ last_seen: 1_500_000_000_000 }, 0],
    [{ age_ms: 7 }, 7],
    [{ last_seen: 'yesterday' }, 0],
  ])('age of %j', (extra, ageMs) => {
    expect(parseRunnerList(listOf(runner(extra)), 1_005_000).offers[0]?.ageMs).toBe(ageMs);
  });

  test('any JSON is read or refused as a WireError, never otherwise', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (entry, inner) => {
        parseRunnerList(JSON.stringify([entry, { address: 'https://o.example', runners: [inner] }]), 0);
        parseRunnerList(
          JSON.stringify([
            { address: 'https://o.example', runners: [{ ...runner(), gpu: inner, price_info: entry }] },
          ]),
          0,
        );
      }),
    );
  });
});

describe('discoverRunners', () => {
  const serve = (routes: Record<string, () => { status?: number; body?: string }>) => {
    const seen: { url: string; headers: Readonly<Record<string, string>> }[] = [];
    const transport = routeTransport((request) => {
      seen.push({ url: request.url, headers: request.headers ?? {} });
      const route = routes[new URL(request.url).host];
      if (route === undefined)
        throw new TransportError('connect', 'refused', { url: request.url, sent: false });
      return route();
    });
    return { transport, seen };
  };

  test('merges sources, keeps the freshest offer of a runner, reports what failed', async () => {
    const { transport, seen } = serve({
      's.example': () => ({ body: listOf(runner({ age_ms: 60_000, version: 'old' })) }),
      'o.example:8935': () => ({
        body: listOf(runner({ version: 'new' }), runner({ url: 'https://o.example:8935/apps/b/session' })),
      }),
      'bad.example': () => ({ body: '{"not":"a list"}' }),
      'busy.example': () => ({ status: 503 }),
    });
    const found = await discoverRunners(
      [
        { kind: 'signer', url: 's.example', headers: { authorization: 'Bearer t' } },
        {
          kind: 'orchestrators',
          urls: ['o.example:8935', 'bad.example', 'busy.example', 'gone.example', 'ftp://x'],
        },
      ],
      { transport, clock: simulatedClock() },
    );
    expect(found.offers.map(({ version, url }) => [version, url])).toEqual([
      ['new', 'https://o.example:8935/apps/runner_a/session'],
      [undefined, 'https://o.example:8935/apps/b/session'],
    ]);
    expect(found.failures.map(({ code, status }) => [code, status])).toEqual([
      ['invalid-address', undefined],
      ['malformed', undefined],
      ['http-status', 503],
      ['connect', undefined],
    ]);
    const credentials = seen.filter(({ headers }) => headers['authorization'] !== undefined);
    expect(credentials.map(({ url }) => url)).toEqual(['https://s.example/discover-orchestrators']);
  });

  test('reads 1 MiB of an orchestrator, more of a signer', async () => {
    const sized = (bytes: number): string => listOf(runner()).padEnd(bytes);
    const found = (bytes: number) => {
      const transport = routeTransport(() => ({ body: sized(bytes) }));
      const signer = { kind: 'signer', url: 'https://signer.example' } as const;
      const orchestrators = { kind: 'orchestrators', urls: ['https://o.example'] } as const;
      return discoverRunners([signer, orchestrators], { transport, timeoutMs: 1000 });
    };
    expect((await found(1 << 20)).failures).toEqual([]);
    const { offers, failures } = await found((1 << 20) + 1);
    expect(failures).toMatchObject([{ kind: 'orchestrator', code: 'body-too-large' }]);
    expect(offers).toHaveLength(1);
  });

  test("the caller's abort is thrown, not reported", async () => {
    const { transport } = serve({});
    const reason = new Error('enough');
    await expect(
      discoverRunners([{ kind: 'orchestrators', urls: ['o.example'] }], {
        transport,
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason);
  });

  test('a source that never answers costs only its deadline', async () => {
    const clock = simulatedClock();
    const transport = routeTransport(() => new Promise<never>(() => {}), { clock });
    const found = await clock.runUntil(
      discoverRunners([{ kind: 'url', url: 'https://d.example' }], { transport, clock, timeoutMs: 100 }),
    );
    expect(found.failures).toMatchObject([{ code: 'timeout' }]);
  });
});

describe('selectRunners', () => {
  const options = { app: 'lp/edges', mode: 'persistent', maxPrice: perSecond(100n) } as const;

  test.each([
    ['other-app', offer({ app: 'LP/edges' })],
    ['other-mode', offer({ mode: 'single-shot' })],
    ['other-mode', offer({ mode: 'unknown' })],
    ['other-unit', offer({ price: { wei: 1n, per: 1n, unit: 'fixed' } })],
    ['price-above-ceiling', offer({ price: { wei: 1001n, per: 10n, unit: 'seconds' } })],
    ['no-capacity', offer({ capacity: { total: 1, used: 1, available: 0 } })],
    ['too-old', offer({ ageMs: 2 })],
  ] as const)('refuses with %s', (code, bad) => {
    const { candidates, refusals } = selectRunners([bad, offer()], { ...options, maxAgeMs: 1 });
    expect(candidates).toEqual([offer()]);
    expect(refusals).toMatchObject([{ code, offer: bad }]);
    expect(refusals[0]?.message).not.toBe('');
  });

  test('no price is refused only when there is something to compare it with', () => {
    const { price: _price, ...unpriced } = offer();
    expect(selectRunners([unpriced], options).refusals[0]?.code).toBe('no-price');
    expect(selectRunners([unpriced], { app: 'lp/edges', mode: 'persistent' }).candidates).toEqual([unpriced]);
  });

  test('a price equal to the ceiling passes, whatever its fields', () => {
    const equal = offer({ price: { wei: 1000n, per: 10n, unit: 'seconds' } });
    expect(selectRunners([equal], options).candidates).toEqual([equal]);
  });

  test('ranks by standing, price, free sessions and freshness', () => {
    const clock = simulatedClock();
    const health = new HealthMemory({ clock });
    const at = (name: string, extra: Partial<RunnerOffer> = {}): RunnerOffer =>
      offer({ url: `https://${name}.example/apps/a/session`, ...extra });
    const offers = [
      at('failing', { price: perSecond(1n) }),
      at('full', { price: perSecond(1n), capacity: { total: 1, used: 1, available: 0 } }),
      at('stale', { ageMs: 5 }),
      at('fresh'),
      at('roomy', { capacity: { total: 9, used: 0, available: 9 } }),
      at('cheap', { price: perSecond(2n) }),
    ];
    health.failed(offers[0]!);
    const names = (): string[] =>
      selectRunners(offers, { ...options, health, freeCapacity: 'preferred' }).candidates.map(
        ({ url }) => new URL(url).hostname.split('.')[0]!,
      );
    expect(names()).toEqual(['cheap', 'roomy', 'fresh', 'stale', 'failing', 'full']);
    health.succeeded(offers[0]!);
    expect(names()).toEqual(['failing', 'cheap', 'roomy', 'fresh', 'stale', 'full']);
  });

  test('equal seeds give equal orders, whatever the order of the list; different seeds spread', () => {
    const offers = Array.from({ length: 8 }, (_, i) =>
      offer({ url: `https://o${i}.example/apps/a/session` }),
    );
    const order = (list: readonly RunnerOffer[], seed: string): string[] =>
      selectRunners(list, { ...options, seed }).candidates.map(({ url }) => url);
    expect(order(offers.toReversed(), 'a')).toEqual(order(offers, 'a'));
    const firsts = new Set(Array.from({ length: 50 }, (_, i) => order(offers, `seed-${i}`)[0]));
    expect(firsts.size).toBeGreaterThan(4);
  });

  test('every offer is either a candidate or refused, once', () => {
    const arbitrary = fc.record({
      app: fc.constantFrom('lp/edges', 'other'),
      ageMs: fc.nat(10),
      wei: fc.bigInt(1n, 200n),
      available: fc.integer({ min: -1, max: 2 }),
      id: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(arbitrary), (list) => {
        const offers = list.map(({ app, ageMs, wei, available, id }) =>
          offer({
            app,
            ageMs,
            price: perSecond(wei),
            capacity: { total: 1, used: 0, available },
            url: `https://o${id}.example/apps/a/session`,
          }),
        );
        const { candidates, refusals } = selectRunners(offers, options);
        expect(candidates.length + refusals.length).toBe(offers.length);
        const prices = candidates.map(({ price }) => price?.wei ?? 0n);
        expect(prices).toEqual(prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
    );
  });
});

describe('HealthMemory', () => {
  test('failures count longer each time, up to a limit, and then no more', async () => {
    const clock = simulatedClock();
    const health = new HealthMemory({ clock, baseMs: 1_000, maxMs: 3_000 });
    const bad = offer();
    health.failed(bad);
    expect(health.recentFailures(bad)).toBe(1);
    await clock.advance(1_000);
    expect(health.recentFailures(bad)).toBe(0);
    health.failed(bad);
    await clock.advance(1_999);
    expect(health.recentFailures(bad)).toBe(2);
    health.failed(bad);
    await clock.advance(2_999);
    expect(health.recentFailures(bad)).toBe(3);
    await clock.advance(1);
    expect(health.recentFailures(bad)).toBe(0);
  });

  test('is bounded', () => {
    const health = new HealthMemory({ clock: simulatedClock(), maxEntries: 2 });
    const at = (name: string) => ({ url: `https://${name}.example` });
    for (const name of ['a', 'b', 'c']) health.failed(at(name));
    expect(['a', 'b', 'c'].map((name) => health.recentFailures(at(name)))).toEqual([0, 1, 1]);
  });
});
