import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { runningGateway } from '../../test/running-gateway.ts';
import { NoRunnerError } from '../port/session-port.ts';

describe('POST /sessions', () => {
  it('answers 201 with channels, price and money once the stream has started', async () => {
    await using gateway = await runningGateway();
    const { status, body } = await gateway.call('POST', '/sessions', {
      app: 'lp/edges',
      params: { effect: 'sepia' },
      maxSpendWei: '9007199254740993',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      app: 'lp/edges',
      state: 'open',
      runwaySeconds: 20,
      payments: 2,
      tickets: 3,
      maxSpendWei: '9007199254740993',
      receipt: null,
      paid: { wei: '5000000000000000', eth: '0.005', usd: '10.000000' },
      price: {
        wei: '12500000000000',
        per: '9',
        unit: 'seconds',
        weiPerSecond: '1388888888888.889',
        usdPerHour: '10.0000',
      },
      channels: {
        in: 'https://orchestrator.example/ai/trickle/s-in',
        out: 'https://orchestrator.example/ai/trickle/s-out',
        events: null,
      },
      links: {
        self: `/sessions/${body.id}`,
        events: `/sessions/${body.id}/events`,
        frames: `/sessions/${body.id}/frames`,
      },
    });
    expect(body.id).toMatch(/^s-[0-9a-f]{32}$/);
    expect(gateway.port.opened[0]?.request).toEqual({ app: 'lp/edges', maxSpendWei: 9_007_199_254_740_993n });
    expect(gateway.port.opened[0]?.streamParams).toEqual({ effect: 'sepia' });
  });

  it('lists every refusal when no runner takes it', async () => {
    await using gateway = await runningGateway();
    const refusals = [
      { orchestrator: 'https://a', runner: 'https://a/1', code: 'price-above-ceiling', message: 'too dear' },
      { orchestrator: 'https://b', code: 'full', message: 'no capacity' },
    ];
    gateway.port.failure = new NoRunnerError('all runners refused', refusals, { lostWei: 7n });
    const { status, body } = await gateway.call('POST', '/sessions', { app: 'x' });
    expect([status, body.code, body.lostWei, body.title]).toEqual([503, 'no-runner', '7', 'No runner']);
    expect(body.refusals).toEqual([refusals[0], { ...refusals[1], runner: null }]);
  });

  it.each([
    ['no app', {}, '/app'],
    ['an unknown field', { app: 'x', maxSpend: '1' }, '/'],
    ['a number for wei', { app: 'x', maxSpendWei: 5 }, '/maxSpendWei'],
    ['a fraction of a wei', { app: 'x', maxSpendWei: '1.5' }, '/maxSpendWei'],
  ])('refuses %s and says where', async (_what, request, path) => {
    await using gateway = await runningGateway();
    const { status, body } = await gateway.call('POST', '/sessions', request);
    expect([status, body.code, body.fields[0].path]).toEqual([400, 'invalid-request', path]);
    expect(gateway.port.opened).toHaveLength(0);
  });

  it.each([
    ['nonsense', { hello: 1 }, 'bad-stream-answer'],
    [
      'a channel elsewhere',
      { in: 'https://evil.example/in', out: 'https://orchestrator.example/out' },
      'foreign-channel',
    ],
    [
      'a channel of another port',
      { in: 'https://orchestrator.example:444/in', out: 'https://orchestrator.example/out' },
      'foreign-channel',
    ],
  ])(
    'closes the paid session when the app answers %s, and says what it cost',
    async (_what, answer, code) => {
      await using gateway = await runningGateway();
      gateway.port.prepare = (session) => {
        session.streamAnswer = answer;
      };
      const { status, body } = await gateway.call('POST', '/sessions', { app: 'x' });
      expect([status, body.code, body.paidWei]).toEqual([502, code, '5000000000000000']);
      expect([gateway.port.opened[0]?.closes, gateway.table.openCount]).toEqual([1, 0]);
    },
  );

  it('counts sessions that are still opening against the limit', async () => {
    await using gateway = await runningGateway({ limits: { maxSessions: 2 } });
    const gate = Promise.withResolvers<void>();
    gateway.port.gate = gate.promise;
    const first = gateway.call('POST', '/sessions', { app: 'x' });
    const second = gateway.call('POST', '/sessions', { app: 'x' });
    while (gateway.table.openingCount < 2) await new Promise(setImmediate);
    expect((await gateway.call('POST', '/sessions', { app: 'x' })).body.code).toBe('too-many-sessions');
    gate.resolve();
    expect([(await first).status, (await second).status]).toEqual([201, 201]);
  });

  it('undoes the opening when the caller hangs up', async () => {
    await using gateway = await runningGateway();
    gateway.port.gate = new Promise(() => {});
    const caller = new AbortController();
    const asked = fetch(`${gateway.url}/sessions`, {
      method: 'POST',
      body: '{"app":"x"}',
      headers: { 'content-type': 'application/json' },
      signal: caller.signal,
    }).catch(() => 'gone');
    while (gateway.table.openingCount < 1) await new Promise(setImmediate);
    caller.abort();
    expect(await asked).toBe('gone');
    while (gateway.table.openingCount > 0) await new Promise(setImmediate);
    expect(gateway.port.aborted).toBe(1);
  });

  it('gives up after the open timeout', async () => {
    const clock = simulatedClock();
    await using gateway = await runningGateway({ clock });
    gateway.port.gate = new Promise(() => {});
    const asked = gateway.call('POST', '/sessions', { app: 'x' });
    while (gateway.table.openingCount < 1) await new Promise(setImmediate);
    await clock.advance(5000);
    expect(await asked).toMatchObject({ status: 504, body: { code: 'open-timeout' } });
  });

  it('says what a session has cost whose app did not start in time', async () => {
    const clock = simulatedClock();
    await using gateway = await runningGateway({ clock });
    gateway.port.prepare = (session) => {
      session.streamAnswer = new Promise(() => {});
    };
    const asked = gateway.call('POST', '/sessions', { app: 'x' });
    while (gateway.port.opened.length < 1) await new Promise(setImmediate);
    await clock.advance(5000);
    expect(await asked).toMatchObject({
      status: 504,
      body: { code: 'open-timeout', paidWei: '5000000000000000' },
    });
  });
});

describe('GET and DELETE /sessions', () => {
  it('closes once and gives the same receipt again', async () => {
    await using gateway = await runningGateway();
    const {
      body: { id },
    } = await gateway.call('POST', '/sessions', { app: 'x' });
    const first = await gateway.call('DELETE', `/sessions/${id}`);
    expect(first).toEqual({
      status: 200,
      body: {
        id,
        reason: 'closed-by-caller',
        seconds: '12.5',
        payments: 2,
        tickets: 3,
        paid: { wei: '5000000000000000', eth: '0.005', usd: '10.000000' },
        fee: { wei: '4000000000000000', eth: '0.004', usd: '8.000000' },
      },
    });
    expect(await gateway.call('DELETE', `/sessions/${id}`)).toEqual(first);
    const { body } = await gateway.call('GET', `/sessions/${id}`);
    expect([body.state, body.receipt]).toEqual(['closed', first.body]);
    expect((await gateway.call('GET', '/sessions')).body.sessions).toHaveLength(1);
  });

  it('answers 410 for sessions it does not know', async () => {
    await using gateway = await runningGateway();
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/events'],
      ['GET', '/frames'],
    ]) {
      expect((await gateway.call(method!, `/sessions/s-none${path}`)).body?.code).toBe('unknown-session');
    }
  });

  it('remembers a bounded number of closed sessions', async () => {
    await using gateway = await runningGateway({ limits: { keepClosed: 1 } });
    for (let count = 0; count < 3; count += 1) {
      const { body } = await gateway.call('POST', '/sessions', { app: 'x' });
      await gateway.call('DELETE', `/sessions/${body.id}`);
    }
    while (gateway.table.all().length > 1) await new Promise(setImmediate);
    expect((await gateway.call('GET', '/sessions')).body.sessions).toHaveLength(1);
  });

  it('closes a session without any client after the idle time, not before', async () => {
    const clock = simulatedClock();
    await using gateway = await runningGateway({ clock, limits: { idleMs: 10_000 } });
    const {
      body: { id },
    } = await gateway.call('POST', '/sessions', { app: 'x' });
    await clock.advance(9000);
    expect((await gateway.call('GET', `/sessions/${id}`)).body.state).toBe('open');
    await clock.advance(9000);
    expect(gateway.port.opened[0]?.closes).toBe(0);
    await clock.advance(2000);
    expect((await gateway.call('GET', `/sessions/${id}`)).body).toMatchObject({
      state: 'closed',
      receipt: { reason: 'idle' },
    });
  });

  it('closes everything with receipts when the gateway shuts down', async () => {
    const gateway = await runningGateway();
    await gateway.call('POST', '/sessions', { app: 'x' });
    await gateway.call('POST', '/sessions', { app: 'x' });
    await gateway.table.closeAll('shutdown');
    expect(gateway.table.all().map((session) => session.receipt?.paidWei)).toEqual([
      5_000_000_000_000_000n,
      5_000_000_000_000_000n,
    ]);
    expect((await gateway.call('POST', '/sessions', { app: 'x' })).body.code).toBe('closing');
    await gateway.server.close();
  });
});

describe('GET /runners', () => {
  it('shows prices for people, refusals and failures', async () => {
    await using gateway = await runningGateway();
    gateway.port.listing = {
      offers: [
        {
          orchestrator: 'https://a',
          url: 'https://a/1',
          app: 'x',
          mode: 'persistent',
          capacity: { total: 2, used: 1, available: 1 },
          price: { wei: 69_444_444_444n, per: 1n, unit: 'seconds' },
        },
      ],
      refusals: [{ orchestrator: 'https://b', code: 'full', message: 'no capacity' }],
      failures: [{ source: 'https://c', code: 'timeout', message: 'no answer' }],
    };
    const { status, body } = await gateway.call('GET', '/runners?app=x');
    expect(status).toBe(200);
    expect(body.runners[0]).toMatchObject({
      price: { weiPerSecond: '69444444444.000', usdPerHour: '0.5000' },
      gpu: null,
    });
    expect(body.refusals).toEqual([
      { orchestrator: 'https://b', runner: null, code: 'full', message: 'no capacity' },
    ]);
    expect(body.failures).toHaveLength(1);
  });
});
