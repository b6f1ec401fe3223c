import { compareRatio, ratio } from '@lp/pricing';
import { describe, expect, test } from 'vitest';
import { scenario } from '../test/scenario.ts';
import { nodeText } from './testing/index.ts';

const lostWei = (session: { funding(): { lostWei: { n: bigint } } | undefined }): bigint =>
  session.funding()?.lostWei.n ?? -1n;

describe('delivery table (funding.md rule 4)', () => {
  test('200: delivered; the next payment uses the fresh params of the answer', async () => {
    const { world, session, of, pass, mints } = await scenario();
    await pass(16);
    expect(of('payment').length).toBeGreaterThanOrEqual(5);
    const params = mints().map(({ orchestrator }) => orchestrator);
    // The first answer of a first-ever sender quotes the base price: its params are not taken.
    expect(params[1]).toBe(params[0]);
    expect(of('terms')).toHaveLength(1);
    expect(params[2]).toBe(params[0]);
    expect(new Set(params.slice(2)).size).toBe(params.length - 2);
    expect(world.orchestrator.payments.every(({ status }) => status === 200)).toBe(true);
    expect(session.funding()?.failing).toBe(false);
  });

  test.each([
    ['500', nodeText(500, 'Internal Server Error')],
    ['502', nodeText(502, 'bad gateway')],
  ])('%s: not known; the same bytes again, at least 2 s later', async (_name, reply) => {
    const { world, of, pass, mints, session } = await scenario();
    await pass(4);
    const before = mints().length;
    world.orchestrator.answerNext('/payment', reply);
    const times: number[] = [];
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = (request) => {
      if (request.headers?.['Livepeer-Payment'] !== undefined) times.push(world.clock.wallMs());
      return handle(request);
    };
    await pass(6);
    expect(of('payment-failed')).toHaveLength(1);
    expect(of('payment-failed')[0]?.runwayMs).toBeGreaterThan(10_000);
    expect(of('payment-recovered')).toHaveLength(1);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(mints().length).toBeLessThanOrEqual(before + 2);
    expect(lostWei(session)).toBe(0n);
  });

  test('connection lost before an answer: resent; `already seen` of the last nonce counts as delivered', async () => {
    const { world, session, pass, of } = await scenario();
    await pass(4);
    const paid = of('payment').length;
    // Processed, and the answer is lost.
    const handle = world.orchestrator.handle;
    let swallowed = 0;
    world.orchestrator.handle = async (request) => {
      const reply = await handle(request);
      if (request.headers?.['Livepeer-Payment'] === undefined || swallowed > 0) return reply;
      swallowed += 1;
      throw new Error('cable');
    };
    await pass(6);
    expect(swallowed).toBe(1);
    expect(world.orchestrator.payments.map(({ status }) => status)).toContain(400);
    expect(of('connection-lost')).toHaveLength(1);
    expect(of('connection-restored')).toHaveLength(1);
    expect(of('payment').length).toBeGreaterThan(paid);
    expect(lostWei(session)).toBe(0n);
    const account = world.orchestrator.accounts.get(session.id);
    expect(session.funding()?.tickets).toBe(account?.tickets);
  });

  test('`already seen` with a smaller nonce: the rest is burned, counted lost and minted anew', async () => {
    const { world, session, pass, of } = await scenario();
    await pass(10);
    world.orchestrator.answerNext(
      '/payment',
      nodeText(400, 'invalid ticket senderNonce: already seen recipientRandHash=0x00 nonce=1'),
    );
    await pass(4);
    const [lost] = of('payment-lost');
    // Three tickets with nonces from 1, under fresh params: the first arrived.
    expect(lost?.tickets).toBe(2);
    await pass(4);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
    expect(world.orchestrator.shortDebits).toEqual([]);
  });

  test('400 `TicketParams expired`: lost, not resent; fresh terms, then a new payment', async () => {
    const { world, session, pass, of } = await scenario();
    await pass(7);
    world.orchestrator.answerNext('/payment', nodeText(400, 'TicketParams expired'));
    await pass(6);
    expect(of('payment-lost')).toMatchObject([{ why: 'TicketParams expired' }]);
    expect(lostWei(session)).toBeGreaterThan(0n);
    expect(world.signer.requests.length).toBe(new Set(world.signer.requests).size);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('400 other: a new challenge once, then the end with the reason', async () => {
    const refusal = nodeText(400, 'orchestrator 0x0c is inactive in round 100');
    const once = await scenario();
    await once.pass(4);
    once.world.orchestrator.answerNext('/payment', refusal);
    await once.pass(10);
    expect(once.session.signal.aborted).toBe(false);
    expect(once.of('payment-lost')).toHaveLength(1);

    const twice = await scenario();
    await twice.pass(4);
    twice.world.orchestrator.answerNext('/payment', refusal, refusal);
    await twice.pass(10);
    const receipt = await twice.world.clock.runUntil(twice.session.ended);
    expect(receipt.reason).toBe('payment-refused');
    expect(receipt.message).toContain('inactive in round 100');
  });

  test.each([
    [402, 'protobuf unmarshal error'],
    [403, 'expired auth token'],
  ])(
    '%i on the token: not processed; new token, new payment, the old tickets count as lost',
    async (status, why) => {
      const { world, session, pass, of } = await scenario();
      await pass(7);
      world.orchestrator.answerNext('/payment', nodeText(status, why));
      await pass(6);
      expect(of('payment-lost')).toHaveLength(1);
      expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
      expect(session.signal.aborted).toBe(false);
    },
  );

  test('404: not consumed; a probe decides, then the same bytes are sent again', async () => {
    const { world, session, pass, of } = await scenario();
    await pass(4);
    const minted = world.signer.minted;
    world.orchestrator.answerNext('/payment', nodeText(404, 'runner not found'));
    await pass(4.5);
    expect(of('probe').some(({ alive }) => alive === true)).toBe(true);
    expect(world.signer.minted).toBe(minted + 1);
    expect(lostWei(session)).toBe(0n);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('409 on a fixed-price session: nothing to pay', async () => {
    const { world, session, pass } = await scenario();
    await pass(4);
    world.orchestrator.answerNext(
      '/payment',
      nodeText(409, 'fixed-price live runner sessions do not accept'),
    );
    await pass(4);
    const receipt = await world.clock.runUntil(session.ended);
    expect(receipt).toMatchObject({ reason: 'payment-refused' });
    expect(receipt.message).toContain('fixed price');
  });

  test.each([429, 503])('%i: not processed; the same bytes after a pause', async (status) => {
    const { world, session, pass, of } = await scenario();
    await pass(4);
    const minted = world.signer.minted;
    const reply = nodeText(status, 'later', { 'retry-after': '2' });
    world.orchestrator.answerNext('/payment', reply);
    await pass(1.9);
    expect(world.signer.minted).toBeLessThanOrEqual(minted + 1);
    await pass(4);
    expect(lostWei(session)).toBe(0n);
    expect(of('payment-lost')).toEqual([]);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
  });

  test('an answer as challenge JSON is taken like the protobuf one, and its payment_url is not followed', async () => {
    const { world, pass, session } = await scenario();
    await pass(7);
    const handle = world.orchestrator.handle;
    world.orchestrator.handle = async (request) => {
      const reply = await handle(request);
      if (reply.status !== 200 || !new URL(request.url).pathname.endsWith('/payment')) return reply;
      return handle({
        method: 'POST',
        url: `${world.orchestrator.url}/refresh-payment`,
        body: JSON.stringify({ sender: world.signer.address, manifest_id: session.id }),
        timeoutMs: 1_000,
      });
    };
    await pass(12);
    expect(world.orchestrator.payments.every(({ path }) => path.includes(session.id))).toBe(true);
    expect(session.funding()?.runwayMs).toBeGreaterThan(12_000);
    expect(new Set(world.signer.requests.slice(-3)).size).toBe(3);
  });

  test('validation without a lock that takes longer than an attempt: the resend finds what the first one did', async () => {
    const { world, session, pass } = await scenario({ orchestrator: { ticketEv: 20_000_000_000n } });
    world.orchestrator.ticketMs = 4_000;
    await pass(120);
    expect(world.orchestrator.payments.map(({ status }) => status)).toContain(400);
    expect(world.orchestrator.shortDebits).toEqual([]);
    expect(session.signal.aborted).toBe(false);
  });

  test('what arrived and what is acknowledged agree to the last quantum', async () => {
    const { world, session, pass } = await scenario();
    await pass(100);
    const receipt = await world.clock.runUntil(session.close());
    const account = world.orchestrator.accounts.get(session.id);
    const credited = ratio(account?.credited ?? 0n, 2n ** 256n - 1n);
    expect(compareRatio(receipt.paid.wei, credited)).toBe(0);
    expect(receipt.paid.tickets).toBe(account?.tickets);
  });
});
