import { describe, expect, test } from 'vitest';
import { scenario } from '../test/scenario.ts';
import { SessionDroppedError } from './index.ts';
import { nodeText, signerRefusal } from './testing/index.ts';

/** One ticket worth three minutes of price: payments are far apart. */
const LARGE = { orchestrator: { ticketEv: 180_000_000_000n } };

describe('alive? (funding.md rule 6)', () => {
  test('between payments the session is asked for once per debit interval', async () => {
    const { pass, of } = await scenario(LARGE);
    await pass(51);
    expect(of('payment')).toHaveLength(0);
    expect(of('probe').length).toBe(10);
    expect(of('probe').every(({ alive }) => alive === true)).toBe(true);
  });

  test('payments that arrive make probes unnecessary', async () => {
    const { pass, of } = await scenario();
    await pass(60);
    expect(of('probe')).toEqual([]);
  });

  test('404 session not found: dropped, with the reason of the orchestrator', async () => {
    const { world, session, pass, of } = await scenario(LARGE);
    await pass(4);
    world.orchestrator.drop(session.id, 'runner-unhealthy');
    await pass(6);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt).toMatchObject({ reason: 'dropped', dropReason: 'runner-unhealthy' });
    expect(of('dropped')).toMatchObject([{ reason: 'runner-unhealthy' }]);
    expect(session.signal.reason).toBeInstanceOf(SessionDroppedError);
    expect(session.signal.reason).toMatchObject({ dropReason: 'runner-unhealthy' });
    await expect(session.app.request('x')).rejects.toBeInstanceOf(SessionDroppedError);
  });

  test('404 without a reason: dropped all the same', async () => {
    const { world, session, pass } = await scenario({
      orchestrator: { ...LARGE.orchestrator, reasons: false },
    });
    await pass(4);
    world.orchestrator.drop(session.id);
    await pass(6);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt.reason).toBe('dropped');
    expect(receipt.dropReason).toBeUndefined();
  });

  test('404 runner not found: not ready, asked again, and the session goes on', async () => {
    const { world, session, pass, of } = await scenario();
    await pass(4);
    world.orchestrator.ready = false;
    await pass(6);
    expect(of('not-ready')).toHaveLength(1);
    world.orchestrator.ready = true;
    await pass(10);
    expect(session.signal.aborted).toBe(false);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('not ready for too long: dropped', async () => {
    const { world, session, pass } = await scenario({}, { notReadyLimitMs: 20_000 });
    await pass(4);
    world.orchestrator.ready = false;
    await pass(40);
    expect(await world.clock.runUntil(session.ended)).toMatchObject({
      reason: 'dropped',
      dropReason: 'runner-not-ready',
    });
  });

  test('a 404 of the app triggers the probe, and the probe decides', async () => {
    const { world, session, pass, of } = await scenario(LARGE);
    await pass(1);
    world.orchestrator.answerNext('/app/missing', nodeText(404, 'no such page'));
    await world.clock.runUntil(session.app.request('missing'));
    await pass(1);
    expect(of('probe')).toMatchObject([{ alive: true }]);
    world.orchestrator.drop(session.id);
    await world.clock.runUntil(session.app.request('missing'));
    expect(await world.clock.runUntil(session.ended)).toMatchObject({ reason: 'dropped' });
  });

  test('a channel that closes triggers the probe', async () => {
    const { world, session, pass, of } = await scenario(LARGE);
    session.watchChannel(`${world.orchestrator.url}/ai/trickle/gone`);
    await pass(1);
    expect(of('channel-closed')).toMatchObject([{ reason: 'not-found' }]);
    expect(of('probe')).toMatchObject([{ alive: true }]);
    expect(session.signal.aborted).toBe(false);
  });

  test('a restarted orchestrator has forgotten the session: dropped', async () => {
    const { world, session, pass } = await scenario();
    await pass(10);
    world.orchestrator.restart();
    await pass(10);
    expect(await world.clock.runUntil(session.ended)).toMatchObject({ reason: 'dropped' });
  });

  test('an orchestrator out of reach is told once, and again when it is back', async () => {
    const { world, session, pass, of } = await scenario();
    await pass(4);
    world.orchestrator.down = true;
    await pass(6);
    world.orchestrator.down = false;
    await pass(6);
    expect(of('connection-lost')).toHaveLength(1);
    expect(of('connection-lost')[0]?.runwayMs).toBeGreaterThan(10_000);
    expect(of('connection-restored')).toHaveLength(1);
    expect(session.funding()).toMatchObject({ connectionLost: false, failing: false });
    expect(world.orchestrator.shortDebits).toEqual([]);
  });

  test('out of reach until the credit is used up: unreachable', async () => {
    const { world, session, pass } = await scenario();
    await pass(4);
    world.orchestrator.down = true;
    await pass(40);
    expect(await world.clock.runUntil(session.ended)).toMatchObject({ reason: 'unreachable' });
  });
});

describe('rescue (funding.md rule 7)', () => {
  test('482 with short runway: one payment from a null state on unused params, as an alarm', async () => {
    const { world, session, pass, of, mints } = await scenario();
    await pass(7);
    const states = (): unknown[] => mints().map(({ state }) => state);
    world.signer.answerNext(...Array.from({ length: 4 }, () => signerRefusal(482, 'no tickets')));
    await pass(40);
    expect(of('skip').some(({ alarm }) => alarm)).toBe(true);
    expect(of('rescue')).toHaveLength(1);
    expect(of('probe').some(({ alive }) => alive === true)).toBe(true);
    // The opening and the rescue; everything else on the old state.
    expect(states().filter((state) => state === undefined)).toHaveLength(2);
    const rescue = mints().findLast(({ state }) => state === undefined);
    expect(rescue).toMatchObject({ ManifestID: session.id });
    const same = mints().filter(({ orchestrator }) => orchestrator === rescue?.['orchestrator']);
    expect(same).toHaveLength(5);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(session.signal.aborted).toBe(false);
  });
});

describe('ends (funding.md rule 8)', () => {
  test('closed by the caller: stopped at the orchestrator, and the receipt is the same every time', async () => {
    const { world, session, pass } = await scenario();
    await pass(30);
    const receipt = await world.clock.runUntil(session.close());
    expect(receipt.reason).toBe('closed');
    expect(world.orchestrator.sessions.size).toBe(0);
    expect(await session.close()).toBe(receipt);
    expect(session.signal.reason).toMatchObject({ code: 'session-ended', reason: 'closed' });
    world.stop();
    await pass(0);
    expect(world.clock.pending).toBe(0);
  });

  test("the caller's signal closes it too", async () => {
    const caller = new AbortController();
    const { world, session, pass } = await scenario({}, { signal: caller.signal });
    await pass(3);
    caller.abort();
    expect(await world.clock.runUntil(session.ended)).toMatchObject({ reason: 'closed' });
  });

  test('limit: never a wei above maxSpend, and the end before the credit is short', async () => {
    const maxSpend = 40_000_000_000n;
    const { world, session, pass } = await scenario({}, { maxSpend });
    await pass(60);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt.reason).toBe('limit');
    expect(receipt.paid.wei.n).toBeLessThanOrEqual(maxSpend * receipt.paid.wei.d);
    expect(receipt.paid.wei.n).toBeGreaterThan(37_000_000_000n * receipt.paid.wei.d);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(receipt.durationNs).toBeGreaterThan(30_000_000_000n);
  });

  test('a store that fails: the payment is not sent', async () => {
    let calls = 0;
    const { world, session, pass } = await scenario(
      {},
      {
        store: () => {
          calls += 1;
          if (calls > 2) throw new Error('disk full');
        },
      },
    );
    await pass(10);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt.reason).toBe('store-failed');
    expect(world.orchestrator.payments).toHaveLength(1);
  });

  test('the store has payment, state and params before the payment is sent', async () => {
    const kept: { payment: string; recipientRandHash: string }[] = [];
    const sent: string[] = [];
    const { world, pass } = await scenario({}, { store: (record) => void kept.push(record) });
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = (request) => {
      const payment = request.headers?.['Livepeer-Payment'];
      if (payment !== undefined) {
        sent.push(payment);
        expect(kept.map((record) => record.payment)).toContain(payment);
      }
      return handle(request);
    };
    await pass(30);
    expect(sent.length).toBeGreaterThan(5);
    expect(new Set(kept.slice(2).map(({ recipientRandHash }) => recipientRandHash)).size).toBe(
      kept.length - 2,
    );
  });

  test('leaving an `await using` block closes', async () => {
    const { world, session, pass } = await scenario();
    const leave = async (): Promise<void> => {
      await using inside = session;
      expect(inside.id).toBe(session.id);
    };
    await pass(3);
    await world.clock.runUntil(leave());
    expect(await session.ended).toMatchObject({ reason: 'closed' });
  });

  test('events end after `closed`, for every reader', async () => {
    const { world, session, pass } = await scenario();
    const read = async (): Promise<string[]> => {
      const types: string[] = [];
      for await (const event of session.events()) types.push(event.type);
      return types;
    };
    const readers = Promise.all([read(), read()]);
    await pass(7);
    session.close().catch(() => {});
    const [first, second] = await world.clock.runUntil(readers);
    expect(first).toEqual(second);
    expect(first?.at(-1)).toBe('closed');
    expect(first).toContain('payment');
  });
});
