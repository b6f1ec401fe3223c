import { type Price, ratio } from '@lp/pricing';
import { describe, expect, test } from 'vitest';
import {
  NoRunnerError,
  type OpenSessionOptions,
  PriceError,
  ReservationError,
  type SessionEvent,
  SessionOptionError,
  SpendLimitError,
} from './index.ts';
import { nodeText, signerRefusal, simulation } from './testing/index.ts';

const PRICE: Price = { wei: 1_000_000_000n, per: 1n, unit: 'seconds' };
const OTHER = { url: 'http://other.test:8935', price: { pricePerUnit: 1_100_000_000n, pixelsPerUnit: 1n } };

describe('opening', () => {
  test('402, signer, paid: the session has its URLs, its price and its credit', async () => {
    const world = simulation();
    const events: SessionEvent[] = [];
    const session = await world.open({ onEvent: (event) => events.push(event) });
    expect(session).toMatchObject({
      kind: 'metered',
      orchestrator: world.orchestrator.url,
      runner: world.orchestrator.runnerUrl,
      price: PRICE,
      controlUrl: `${world.orchestrator.runnerUrl}/${session.id}`,
    });
    expect(session.app.url).toBe(`${session.controlUrl}/app`);
    expect(session.app.webSocketUrl('/ws?x=1')).toBe(
      `${session.controlUrl.replace('http', 'ws')}/app/ws?x=1`,
    );
    expect(session.funding()).toMatchObject({ payments: 1, runwayMs: 15_000 });
    expect(events.map(({ type }) => type)).toEqual(['opened', 'runway']);
    const answer = await world.clock.runUntil(session.app.request('hello', { body: '{}' }));
    expect(answer.status).toBe(200);
  });

  test('a reply that was lost: 409 on our own manifest is the session, reserved and paid', async () => {
    const world = simulation();
    const handle = world.orchestrator.handle;
    let lost = 0;
    world.orchestrator.handle = async (request) => {
      const reply = await handle(request);
      if (request.headers?.['Livepeer-Payment'] === undefined || lost > 0) return reply;
      lost += 1;
      throw new Error('cable');
    };
    const session = await world.open();
    expect(lost).toBe(1);
    const openings = world.signer.requests.filter((body) => !body.includes('"state"'));
    expect(openings).toHaveLength(1);
    expect(session.controlUrl).toBe(`${world.orchestrator.runnerUrl}/${session.id}`);
    expect(world.orchestrator.sessions.size).toBe(1);
    await world.clock.advance(60_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
  });

  test('a reply that never comes: the session is asked for, found alive, and paid', async () => {
    const world = simulation();
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = async (request) => {
      const reply = await handle(request);
      if (
        request.headers?.['Livepeer-Payment'] !== undefined &&
        request.url === world.orchestrator.runnerUrl
      ) {
        await world.clock.sleep(50_000);
      }
      return reply;
    };
    const session = await world.open();
    await world.clock.advance(60_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(session.signal.aborted).toBe(false);
  });

  test('503: the same headers again, with back-off, until there is room', async () => {
    const world = simulation();
    world.orchestrator.capacity = 0;
    void world.clock.sleep(3_000).then(() => {
      world.orchestrator.capacity = 1;
    });
    const session = await world.open();
    expect(world.signer.minted).toBe(1);
    expect(session.funding()?.payments).toBe(1);
  });

  test('503 for 5 s: the next candidate, within maxLossOnFailover; the receipt says what was lost', async () => {
    const world = simulation({ others: [OTHER] });
    world.orchestrator.capacity = 0;
    const session = await world.open();
    expect(session.orchestrator).toBe(OTHER.url);
    expect(world.signer.minted).toBe(2);
    const receipt = await world.clock.runUntil(session.close());
    expect(receipt.failover?.n).toBeGreaterThan(0n);
    expect(receipt.lost.tickets).toBe(0);
  });

  test('beyond maxLossOnFailover: the end, with what was paid', async () => {
    const world = simulation({ others: [OTHER] });
    world.orchestrator.capacity = 0;
    const error = await world.open({ maxLossOnFailover: 0n }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ReservationError);
    expect(error).toMatchObject({ money: 'sent', code: 'reservation-failed' });
    expect((error as ReservationError).lostWei).toBeGreaterThanOrEqual(15_000_000_000n);
    expect((error as ReservationError).refusals).toMatchObject([
      { code: 'full', status: 503, stage: 'reserve' },
    ]);
    expect(world.signer.minted).toBe(1);
  });

  test('the default allows one lost opening payment, not two', async () => {
    const world = simulation({ others: [OTHER, { ...OTHER, url: 'http://third.test:8935' }] });
    for (const one of [world.orchestrator, ...world.others]) one.capacity = 0;
    await expect(world.open()).rejects.toBeInstanceOf(ReservationError);
    expect(world.signer.minted).toBe(2);
  });

  test('nothing was sent: the next candidate without loss', async () => {
    const world = simulation({ others: [OTHER] });
    world.orchestrator.answerNext('/session', nodeText(500, 'insufficient sender reserve'));
    const session = await world.open();
    expect(session.orchestrator).toBe(OTHER.url);
    expect((await world.clock.runUntil(session.close())).failover).toBeUndefined();
  });

  test('402 to the paid request: a new challenge and a new payment', async () => {
    const world = simulation();
    const handle = world.orchestrator.handle;
    let refused = 0;
    world.orchestrator.handle = (request) => {
      if (request.headers?.['Livepeer-Payment'] === undefined || refused > 0) return handle(request);
      refused += 1;
      return Promise.resolve(nodeText(402, 'base64 decode error'));
    };
    const session = await world.open();
    expect(world.signer.minted).toBe(2);
    expect(session.funding()?.payments).toBe(1);
  });

  test('480 from the signer: a new challenge, no loss', async () => {
    const world = simulation();
    world.signer.answerNext(signerRefusal(480));
    const session = await world.open();
    expect(session.funding()?.payments).toBe(1);
    expect(world.signer.minted).toBe(1);
  });

  test('400 to the paid request: consumed; never paid twice without leave', async () => {
    const world = simulation();
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = (request) =>
      request.headers?.['Livepeer-Payment'] === undefined
        ? handle(request)
        : Promise.resolve(nodeText(400, 'orchestrator 0x0c is inactive in round 100'));
    const error = await world.open().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ReservationError);
    expect(error).toMatchObject({ money: 'consumed' });
    expect(world.signer.minted).toBe(1);
  });

  test('the price of the challenge is checked by the client, as a ratio', async () => {
    const world = simulation();
    world.orchestrator.price = { pricePerUnit: 2_000_000_000n, pixelsPerUnit: 2n };
    const session = await world.open({ maxPrice: PRICE });
    expect(session.price).toEqual(PRICE);

    const dearer = simulation();
    const handle = dearer.orchestrator.handle;
    dearer.orchestrator.handle = async (request) => {
      const reply = await handle(request);
      // Published cheap, asked dear.
      dearer.orchestrator.price = { pricePerUnit: 1_000_000_001n, pixelsPerUnit: 1n };
      return reply;
    };
    await expect(dearer.open({ maxPrice: PRICE })).rejects.toBeInstanceOf(PriceError);
    expect(dearer.signer.requests).toEqual([]);
  });

  test('without maxPrice the published price binds, with 1.2 % for the exchange rate', async () => {
    const open = async (asked: bigint): Promise<unknown> => {
      const world = simulation();
      const handle = world.orchestrator.handle;
      world.orchestrator.handle = async (request) => {
        const reply = await handle(request);
        world.orchestrator.price = { pricePerUnit: asked, pixelsPerUnit: 1n };
        return reply;
      };
      return world.open().catch((error: unknown) => error);
    };
    expect(await open(1_012_000_000n)).toMatchObject({ kind: 'metered' });
    expect(await open(1_012_000_001n)).toBeInstanceOf(PriceError);
  });

  test('a ceiling in dollars is exact', async () => {
    const world = simulation();
    // 1e9 wei/s at 1e9 wei per dollar is 3,600 dollars an hour.
    const weiPerUsd = ratio(10n ** 9n);
    await world.open({ maxPrice: { usd: '3600', unit: 'hour', weiPerUsd } });
    await expect(
      world.open({ maxPrice: { usd: '3599.99', unit: 'hour', weiPerUsd } }),
    ).rejects.toBeInstanceOf(PriceError);
  });

  test('maxSpend below one ticket: nothing is sent', async () => {
    const world = simulation({ orchestrator: { ticketEv: 50_000_000_000n } });
    const error = await world.open({ maxSpend: 49_000_000_000n }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SpendLimitError);
    expect((error as SpendLimitError).neededWei).toBeGreaterThanOrEqual(50_000_000_000n);
    expect(world.signer.requests).toEqual([]);
  });

  test('no runner: every refusal with its reason', async () => {
    const world = simulation();
    const error = await world.open({ app: 'lp/other' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NoRunnerError);
    expect((error as NoRunnerError).refusals).toMatchObject([
      { code: 'other-app', stage: 'select', money: 'none' },
    ]);

    world.orchestrator.down = true;
    const unreachable = await world.open().catch((caught: unknown) => caught);
    expect((unreachable as NoRunnerError).failures).toMatchObject([{ code: 'connect' }]);
  });

  test('a caller that gives up while opening: its reason, and what may be reserved is stopped', async () => {
    const world = simulation();
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = async (request) => {
      const reply = await handle(request);
      if (request.headers?.['Livepeer-Payment'] !== undefined) {
        caller.abort(reason);
        await world.clock.sleep(10);
      }
      return reply;
    };
    await expect(world.open({ signal: caller.signal })).rejects.toBe(reason);
    await world.clock.advance(100);
    expect(world.orchestrator.sessions.size).toBe(0);
  });

  test.each<[string, Partial<OpenSessionOptions>, number?]>([
    ['an app with spaces', { app: ' x' }],
    ['a poll as slow as the debit that the challenge tells', { pollMs: 5_000 }, 5_000],
    ['a poll without pause', { pollMs: 1 }],
    ['a target below 15 s', { targetRunwayMs: 9_000 }],
    ['no money at all', { maxSpend: 0n }],
    ['a negative loss', { maxLossOnFailover: -1n }],
    ['a deadline that is no number', { openTimeoutMs: Number.NaN }],
  ])('%s is refused, and nothing stays reserved', async (_name, options, paymentIntervalMs) => {
    const world = simulation({ orchestrator: paymentIntervalMs === undefined ? {} : { paymentIntervalMs } });
    await expect(world.open(options)).rejects.toBeInstanceOf(SessionOptionError);
    await world.clock.advance(1_000);
    expect(world.orchestrator.sessions.size).toBe(0);
  });

  test.each([3_600_000, Number.MAX_SAFE_INTEGER])(
    'a runner that wants to be paid %s ms ahead is refused before anything is paid',
    async (paymentIntervalMs) => {
      const world = simulation({ orchestrator: { paymentIntervalMs } });
      const error: unknown = await world.open().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NoRunnerError);
      expect((error as NoRunnerError).refusals).toMatchObject([{ code: 'unusable-terms' }]);
      expect(world.signer.requests).toEqual([]);
    },
  );

  test('an interval of a millisecond costs neither the session nor a call each millisecond', async () => {
    const world = simulation({ orchestrator: { paymentIntervalMs: 1 } });
    const { handle } = world.orchestrator;
    let calls = 0;
    world.orchestrator.handle = (request) => {
      calls += 1;
      return handle(request);
    };
    const session = await world.open();
    await world.clock.advance(10_000);
    expect(session.signal.aborted).toBe(false);
    expect(calls).toBeLessThan(100);
  });

  test('payment_interval_ms sets the poll to 60 % of it', async () => {
    const world = simulation({ orchestrator: { paymentIntervalMs: 10_000, debitMs: 10_000 } });
    await world.open();
    await world.clock.advance(60_500);
    // The lead covers the longer interval from the start.
    expect(world.signer.requests[0]).toContain('"inPixels":21');
    expect(world.signer.requests.length).toBe(11);
    expect(world.orchestrator.shortDebits).toEqual([]);
  });
});

describe('other kinds of sessions', () => {
  test('fixed: paid once, watched, never paid again', async () => {
    const world = simulation({ orchestrator: { unit: 'fixed' } });
    const session = await world.open();
    expect(session.kind).toBe('fixed');
    expect(session.funding()).toBeUndefined();
    await world.clock.advance(60_000);
    expect(world.signer.requests).toHaveLength(1);
    expect(world.signer.requests[0]).toContain('"type":"fixed"');
    const receipt = await world.clock.runUntil(session.close());
    expect(receipt.fees).toMatchObject({ units: 1n, wei: { n: 1_000_000_000n, d: 1n } });
    expect(receipt.paid.tickets).toBe(1);
  });

  test('fixed and dropped: the watch says so', async () => {
    const world = simulation({ orchestrator: { unit: 'fixed' } });
    const session = await world.open();
    await world.clock.advance(10_000);
    world.orchestrator.drop(session.id, 'runner-lost');
    expect(await world.clock.runUntil(session.ended)).toMatchObject({
      reason: 'dropped',
      dropReason: 'runner-lost',
    });
  });

  test('pixels: metered in 27,648,000 units a second', async () => {
    const world = simulation({
      orchestrator: {
        unit: '720p-pixel-seconds',
        price: { pricePerUnit: 50n, pixelsPerUnit: 1n },
        ticketEv: 1_382_400_000n,
      },
    });
    const session = await world.open();
    await world.clock.advance(60_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(session.funding()?.runwayMs).toBeGreaterThan(11_000);
    expect(world.signer.requests[0]).toContain('"inPixels":414720000');
  });

  test('free: reserved by the unpaid request, no signer needed', async () => {
    const world = simulation();
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = async (request) => {
      if (request.url !== world.orchestrator.runnerUrl) return handle(request);
      const control = `${world.orchestrator.runnerUrl}/session_x`;
      return {
        status: 200,
        body: JSON.stringify({ session_id: 'session_x', app_url: `${control}/app`, control_url: control }),
      };
    };
    const session = await world.open();
    expect(session).toMatchObject({ kind: 'free', id: 'session_x', price: undefined });
    const receipt = await world.clock.runUntil(session.close());
    expect(receipt.paid).toMatchObject({ payments: 0, tickets: 0 });
    expect(world.signer.requests).toEqual([]);
  });
});
