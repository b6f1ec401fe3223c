import { describe, expect, test } from 'vitest';
import { scenario } from '../test/scenario.ts';
import { SignerError } from './index.ts';
import { signerRefusal, simulation, weiPerUnit } from './testing/index.ts';

describe("signer's answers (funding.md rule 5)", () => {
  test('200: the state is kept and sent back; a long run never repeats one', async () => {
    const { pass, mints } = await scenario();
    await pass(30);
    const states = mints().map(({ state }) => JSON.stringify(state));
    expect(states[0]).toBeUndefined();
    expect(new Set(states).size).toBe(states.length);
  });

  test('explicit units: opens with 10 s and the lead, then whole seconds; never with maxPrice', async () => {
    const { pass, mints } = await scenario(
      {},
      { maxPrice: { wei: 2_000_000_000n, per: 1n, unit: 'seconds' } },
    );
    await pass(31.5);
    const [opening, ...rest] = mints();
    expect(opening).toMatchObject({ type: '', inPixels: 15, app: 'lp/edges' });
    for (const request of rest) expect(request).toMatchObject({ type: '', inPixels: 3 });
    expect(mints().every((request) => !('maxPrice' in request))).toBe(true);
  });

  test('a signer that refuses explicit units is paid through `live`, with maxPrice', async () => {
    const world = simulation();
    world.signer.typedOnly = true;
    const session = await world.open({ maxPrice: { wei: 2_000_000_000n, per: 1n, unit: 'seconds' } });
    await world.clock.advance(120_000);
    const types = world.signer.requests.map((body) => (JSON.parse(body) as { type: string }).type);
    expect(types[0]).toBe('');
    expect(new Set(types.slice(1))).toEqual(new Set(['live']));
    expect(world.signer.requests[1]).toContain(
      '"maxPrice":{"price":2000000000,"currency":"wei","unit":"seconds"}',
    );
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(session.funding()?.runwayMs).toBeGreaterThan(8_000);
  });

  test('480: fresh terms, then the payment', async () => {
    const { world, pass, session, mints } = await scenario();
    await pass(7);
    world.signer.answerNext(signerRefusal(480));
    await pass(4);
    const [before, after] = mints().slice(-2);
    expect(after?.['orchestrator']).not.toBe(before?.['orchestrator']);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('480 four times in a row: the end', async () => {
    const { world, pass, session } = await scenario();
    await pass(7);
    world.signer.answerNext(...Array.from({ length: 4 }, () => signerRefusal(480)));
    await pass(10);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt).toMatchObject({ reason: 'signer-refused' });
  });

  test('480 while /refresh-payment answers 409: a new challenge gives the terms', async () => {
    const { world, pass, session } = await scenario();
    await pass(1);
    world.signer.answerNext(signerRefusal(480));
    await pass(6);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
    expect(session.signal.aborted).toBe(false);
  });

  test('481: the end with the price', async () => {
    const { world, pass, session } = await scenario();
    await pass(4);
    world.signer.ceiling = weiPerUnit(1n);
    await pass(4);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt.reason).toBe('price');
    expect(receipt.message).toContain('ceiling');
    expect(world.orchestrator.sessions.size).toBe(0);
  });

  test('482 with enough runway: a debug event, however often', async () => {
    const { world, pass, session, of } = await scenario();
    await pass(4);
    world.signer.answerNext(signerRefusal(482, 'no tickets'));
    await pass(4);
    expect(of('skip')).toMatchObject([{ alarm: false }]);
    await pass(4);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('483: the end with the budget', async () => {
    const { world, pass, session } = await scenario();
    await pass(4);
    world.signer.answerNext(signerRefusal(483, 'insufficient balance'));
    await pass(4);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt).toMatchObject({ reason: 'budget' });
    expect(receipt.message).toContain('insufficient balance');
  });

  test.each([401, 403])('%i: the end', async (status) => {
    const { world, pass, session } = await scenario();
    await pass(4);
    world.signer.answerNext(signerRefusal(status));
    await pass(4);
    expect(await world.clock.runUntil(session.ended)).toMatchObject({ reason: 'signer-refused' });
  });

  test('400 refused state: rule 7 once, then the end', async () => {
    const refused = signerRefusal(400, 'invalid sig');
    const { world, pass, session, of, mints } = await scenario();
    await pass(7);
    world.signer.answerNext(refused);
    await pass(60);
    expect(of('rescue')).toHaveLength(1);
    expect(session.signal.aborted).toBe(false);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(mints().filter(({ state }) => state === undefined)).toHaveLength(2);
    world.signer.answerNext(refused);
    await pass(20);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt).toMatchObject({ reason: 'signer-refused', rescues: 1 });
  });

  test('5xx and timeouts: the same call again, with back-off, inside the runway', async () => {
    const { world, pass, of, session } = await scenario();
    await pass(4);
    const before = world.signer.requests.length;
    world.signer.answerNext(signerRefusal(503), signerRefusal(502));
    await pass(5);
    expect(of('payment-failed')).toMatchObject([{ peer: 'signer' }]);
    expect(of('payment-recovered')).toHaveLength(1);
    const [first, second, third] = world.signer.requests.slice(before);
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('a signer that stays away: unreachable, once the credit has run out', async () => {
    const { world, pass, session, of } = await scenario();
    await pass(4);
    world.signer.down = true;
    await pass(8);
    expect(session.signal.aborted).toBe(false);
    expect(of('payment-failed')[0]?.runwayMs).toBeGreaterThan(10_000);
    await pass(20);
    expect(await world.clock.runUntil(session.ended)).toMatchObject({ reason: 'unreachable' });
  });

  test('a batch above the operator limit (masked 500): smaller ones', async () => {
    const { world, pass, session, mints } = await scenario({
      limits: { maxTotalEv: 9_100_000_000n },
      orchestrator: { ticketEv: 1_000_000_000n },
    });
    expect(mints().map(({ inPixels }) => inPixels)).toContain(8);
    await pass(30);
    expect(session.funding()?.runwayMs).toBeGreaterThan(11_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
  });

  test('a long lead is built over several calls of 100 tickets', async () => {
    const { pass, session, mints } = await scenario(
      { orchestrator: { ticketEv: 100_000_000n } },
      { targetRunwayMs: 45_000 },
    );
    await pass(1);
    expect(
      mints()
        .slice(0, 5)
        .map(({ inPixels }) => inPixels),
    ).toEqual([10, 10, 10, 10, 5]);
    expect(session.funding()?.runwayMs).toBeGreaterThan(43_000);
  });
});

describe('a signer that pays nobody', () => {
  test.each([
    [401, 'signer-forbidden'],
    [483, 'signer-budget'],
  ])('%i while opening', async (status, code) => {
    const world = simulation();
    world.signer.answerNext(signerRefusal(status));
    await expect(world.open()).rejects.toMatchObject({ code, status });
    expect(world.orchestrator.accounts.size).toBe(0);
  });

  test('out of reach while opening', async () => {
    const world = simulation();
    world.signer.down = true;
    await expect(world.open()).rejects.toBeInstanceOf(SignerError);
  });
});
