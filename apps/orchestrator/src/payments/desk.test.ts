import {
  challengeInfo,
  decodePaymentHeader,
  decodePaymentResult,
  type Payment,
  parseChallenge,
} from '@lp/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PER_SECOND, type TestDesk, testDesk } from '../../test/money-desk.ts';
import { payingSender } from '../../test/paying-sender.ts';
import { QUANTA_PER_WEI } from '../ledger/quanta.ts';
import type { CloseReason, InspectedPayment, OfferedPrice, PaymentHeaders } from './desk.ts';
import { PaymentRefusal } from './refusal.ts';

const sender = payingSender(`0x${'11'.repeat(32)}`);
const reservation = { kind: 'reservation', offered: PER_SECOND } as const;
let t: TestDesk;

beforeEach(async () => {
  t = await testDesk();
});
afterEach(async () => {
  await t.clock.runUntil(t.desk.close());
  expect(t.clock.pending).toBe(0);
});

const run = <T>(promise: Promise<T>): Promise<T> => t.clock.runUntil(promise);
async function challenge(
  offered: OfferedPrice = PER_SECOND,
  payer: string = sender.address,
): Promise<string> {
  const paymentUrl = (id: string) => `https://o/apps/${offered.runner}/session/${id}/payment`;
  return String((await run(t.desk.challenge({ payer, offered, paymentUrl }))).body);
}
async function refusal(action: () => unknown): Promise<PaymentRefusal> {
  try {
    await run(Promise.resolve(action()));
  } catch (error) {
    if (error instanceof PaymentRefusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
function withoutPrice(payment: Payment): Payment {
  const { ticketParams, expirationParams, sender: from, ticketSenderParams } = payment;
  return {
    ticketSenderParams,
    ...(ticketParams && { ticketParams }),
    ...(expirationParams && { expirationParams }),
    ...(from && { sender: from }),
  };
}
const manifestOf = (text: string) => parseChallenge(text).manifestId;

/** A session that was paid for with `tickets` tickets, and what it was released for. */
async function open(tickets = 1, offered = PER_SECOND) {
  const text = await challenge(offered);
  const nonces = Array.from({ length: tickets }, (_, i) => i + 1);
  const inspected = t.desk.inspect(await sender.pay(text, { nonces }), { kind: 'reservation', offered });
  await run(t.desk.accept(inspected));
  const released: CloseReason[] = [];
  const meter = await run(
    t.desk.openMeter({ inspected, offered, onRelease: (reason) => released.push(reason) }),
  );
  return { text, inspected, meter, released, manifestId: inspected.manifestId };
}

describe('challenge', () => {
  it('has the fields of section 8.1 and the debit interval', async () => {
    const text = await challenge();
    const parsed = parseChallenge(text);
    expect(Object.keys(JSON.parse(text))).toEqual([
      'payment_params',
      'orchestrator',
      'manifest_id',
      'payment_url',
      'payment_interval_ms',
    ]);
    expect(parsed.paymentIntervalMs).toBe(5_000);
    expect(parsed.paymentUrl).toBe(`https://o/apps/runner_a/session/${parsed.manifestId}/payment`);
    const info = challengeInfo(parsed);
    expect(info.priceInfo).toEqual(PER_SECOND.price);
    expect(info.authToken?.sessionId).toBe(parsed.manifestId);
    expect(info.authToken?.expiration).toBe(BigInt(Math.floor(t.clock.wallMs() / 1000)) + 1_800n);
    expect(info.ticketParams?.expirationBlock).toBe(1_040n);
    expect(info.transcoder).toBe('https://orchestrator.test:8935');
  });

  it('gives every manifest 128 random bits', async () => {
    const ids = [manifestOf(await challenge()), manifestOf(await challenge())];
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([undefined, '', '0x12', `0x${'zz'.repeat(20)}`])(
    'refuses payer %j with 402 and JSON',
    async (payer) => {
      const refused = await refusal(() =>
        t.desk.challenge({ payer, offered: PER_SECOND, paymentUrl: () => '' }),
      );
      expect(refused.reply()).toEqual({
        status: 402,
        contentType: 'application/json',
        body: '{"error":{"message":"invalid live runner payment signer address"}}\n',
      });
    },
  );

  it('takes a payer without 0x, in any case', async () => {
    const text = await challenge(PER_SECOND, sender.address.slice(2).toUpperCase());
    expect(t.desk.inspect(await sender.pay(text), reservation).sender).toBe(sender.address);
  });

  it('says 500 when the reserve carries no ticket', async () => {
    t.chain.sender = { ...t.chain.sender, reserve: { fundsRemaining: 999n, claimedInCurrentRound: 0n } };
    const refused = await refusal(() => challenge());
    expect(refused).toMatchObject({ status: 500, code: 'insufficient-reserve' });
    expect(refused.text).toMatch(/^insufficient sender reserve/);
  });

  it('says 503 once the chain has been silent for two minutes, and recovers', async () => {
    t.chain.reachable = false;
    await t.clock.advance(60_000);
    t.chain.reachable = true;
    await t.clock.advance(5_000);
    t.chain.reachable = false;
    await t.clock.advance(126_000);
    expect(await refusal(() => challenge())).toMatchObject({ status: 503, code: 'chain-unreachable' });
    expect(t.desk.health().ok).toBe(false);
    expect(t.events.filter((e) => e.type === 'chain-unreachable')).toHaveLength(1);
    t.chain.reachable = true;
    await t.clock.advance(5_000);
    expect(manifestOf(await challenge())).toHaveLength(32);
    expect(t.desk.health().ok).toBe(true);
    expect(t.events.map((e) => e.type)).toContain('chain-back');
  });
});

describe('inspect', () => {
  const inspect = (headers: PaymentHeaders, offered = PER_SECOND) =>
    t.desk.inspect(headers, { kind: 'reservation', offered });

  it('passes a paid challenge and consumes nothing', async () => {
    const headers = await sender.pay(await challenge());
    const first = inspect(headers);
    expect(inspect(headers).manifestId).toBe(first.manifestId);
    expect(t.desk.statement(first.manifestId)).toBeUndefined();
  });

  it('answers 402 and 403 in the documented order', async () => {
    const headers = await sender.pay(await challenge());
    expect(await refusal(() => inspect({ ...headers, payment: '*' }))).toMatchObject({ status: 402 });
    expect(await refusal(() => inspect({ ...headers, segment: '*' }))).toMatchObject({
      status: 403,
      text: 'ErrorSegEncoding',
    });
    expect(await refusal(() => inspect({ ...headers, payment: undefined }))).toMatchObject({
      text: 'ErrSegSig',
    });
    await t.clock.advance(1_801_000);
    expect(await refusal(() => inspect(headers))).toMatchObject({ status: 403, text: 'expired auth token' });
  });

  it('binds the manifest id to token and session', async () => {
    const text = await challenge();
    const other = await sender.pay(text, { manifestId: 'ff'.repeat(16) });
    expect(await refusal(() => inspect(other))).toMatchObject({
      status: 403,
      text: 'mismatched manifest and auth token',
    });
    const headers = await sender.pay(text);
    const purpose = { kind: 'follow-up', sessionId: 'another' } as const;
    expect(await refusal(() => t.desk.inspect(headers, purpose))).toMatchObject({
      status: 403,
      text: 'mismatched session and payment manifest',
    });
  });

  it.each<[string, Parameters<typeof sender.pay>[1]]>([
    ['no price', { payment: withoutPrice }],
    [
      'a lower price',
      { payment: (p) => ({ ...p, expectedPrice: { pricePerUnit: 99n, pixelsPerUnit: 1n } }) },
    ],
    [
      'a price per 0 units',
      { payment: (p) => ({ ...p, expectedPrice: { pricePerUnit: 100n, pixelsPerUnit: 0n } }) },
    ],
    ['price 0', { payment: (p) => ({ ...p, expectedPrice: { pricePerUnit: 0n, pixelsPerUnit: 1n } }) }],
  ])('refuses a reservation with %s (no free session)', async (_, change) => {
    const headers = await sender.pay(await challenge(), change);
    expect(await refusal(() => inspect(headers))).toMatchObject({
      status: 400,
      text: 'payment price does not match live runner price',
    });
  });

  it('honours a quote after the price has moved, for its own runner only', async () => {
    const headers = await sender.pay(await challenge());
    const dearer = { ...PER_SECOND, price: { pricePerUnit: 150n, pixelsPerUnit: 1n } };
    expect(inspect(headers, dearer).manifestId).toBeDefined();
    expect((await refusal(() => inspect(headers, { ...dearer, runner: 'runner_b' }))).code).toBe(
      'price-mismatch',
    );
    expect(inspect(headers, { ...PER_SECOND, runner: 'runner_b' }).manifestId).toBeDefined();
  });

  it('wants the current price for a fixed one', async () => {
    const fixed: OfferedPrice = { ...PER_SECOND, unit: 'fixed' };
    const headers = await sender.pay(await challenge(fixed));
    expect(inspect(headers, fixed).manifestId).toBeDefined();
    const moved = { ...fixed, price: { pricePerUnit: 101n, pixelsPerUnit: 1n } };
    expect((await refusal(() => inspect(headers, moved))).code).toBe('price-mismatch');
  });
});

describe('accept', () => {
  const pay = async (text: string, nonces: number[]): Promise<InspectedPayment> =>
    t.desk.inspect(await sender.pay(text, { nonces }), reservation);

  it('credits the exact EV of every ticket', async () => {
    const text = await challenge();
    const { ticketParams } = challengeInfo(parseChallenge(text));
    const accepted = await run(t.desk.accept(await pay(text, [1, 2, 3])));
    const quanta = 3n * ticketParams!.faceValue * ticketParams!.winProb;
    expect(accepted).toMatchObject({ tickets: 3, creditedQuanta: quanta });
    expect(t.desk.statement(manifestOf(text))).toMatchObject({
      state: 'unopened',
      creditedQuanta: quanta,
      creditedWei: quanta / QUANTA_PER_WEI,
      payments: 1,
      tickets: 3,
    });
  });

  it('credits one of two copies that race each other', async () => {
    const inspected = await pay(await challenge(), [1, 2]);
    const results = await run(Promise.allSettled([t.desk.accept(inspected), t.desk.accept(inspected)]));
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected']);
    expect(t.desk.statement(inspected.manifestId)?.tickets).toBe(2);
  });

  it('keeps what came before the first bad ticket, and says 400', async () => {
    const text = await challenge();
    await run(t.desk.accept(await pay(text, [2])));
    const refused = await refusal(async () => t.desk.accept(await pay(text, [1, 2, 3])));
    expect(refused).toMatchObject({ status: 400, code: 'ticket' });
    expect(refused.text).toMatch(/^invalid ticket senderNonce: already seen .*nonce=2$/);
    expect(t.desk.statement(manifestOf(text))?.tickets).toBe(2);
  });

  it('refuses params that expired, and senders that are about to leave', async () => {
    const inspected = await pay(await challenge(), [1]);
    t.chain.l1Block += 40n;
    await t.clock.advance(5_000);
    expect(await refusal(() => t.desk.accept(inspected))).toMatchObject({ text: 'TicketParams expired' });
    const second = await pay(await challenge(), [1]);
    t.chain.sender = { ...t.chain.sender, withdrawRound: 11n };
    await t.clock.advance(15_000);
    expect(await refusal(() => t.desk.accept(second))).toMatchObject({
      code: 'sender-unlocking',
      status: 400,
    });
  });

  it('takes nothing while the recipient is inactive', async () => {
    t.chain.active = false;
    await t.clock.advance(15_000);
    const inspected = await pay(await challenge(), [1]);
    expect((await refusal(() => t.desk.accept(inspected))).text).toMatch(
      /^orchestrator 0x73.* is inactive in round 10$/,
    );
    t.chain.active = true;
    await t.clock.advance(15_000);
    expect((await run(t.desk.accept(inspected))).tickets).toBe(1);
  });

  it('takes nothing for a session that had ended: a fresh ticket would buy nothing', async () => {
    const { meter, text, manifestId } = await open();
    const again = await sender.pay(text, { nonces: [2] });
    await run(meter.stop('stopped-by-client'));
    expect(await refusal(() => t.desk.inspect(again, reservation))).toMatchObject({
      status: 409,
      code: 'manifest-closed',
      text: 'session already exists',
    });
    expect(t.desk.statement(manifestId)?.tickets).toBe(1);
  });

  it('takes nothing while the chain has been silent for two minutes', async () => {
    const inspected = await pay(await challenge(), [1]);
    t.chain.reachable = false;
    await t.clock.advance(126_000);
    expect(await refusal(() => t.desk.accept(inspected))).toMatchObject({
      status: 503,
      code: 'chain-unreachable',
      text: expect.stringContaining('the chain has not been reached for'),
    });
  });

  it('keeps no account for payments that bring nothing', async () => {
    const text = await challenge();
    await run(t.desk.accept(await pay(text, [1])));
    const elsewhere = await sender.pay(text, { nonces: [1], manifestId: 'another' });
    expect(await refusal(() => t.desk.pay(elsewhere, { kind: 'legacy' }))).toMatchObject({ code: 'ticket' });
    expect(t.desk.statement('another')).toBeUndefined();
  });

  it('creates no account for tickets that nobody signed', async () => {
    const text = await challenge();
    const headers = await sender.pay(text, {
      payment: (p) => ({
        ...p,
        ticketSenderParams: p.ticketSenderParams.map((s) => ({ ...s, sig: s.sig.map((b) => b ^ 1) })),
      }),
    });
    const refused = await refusal(() => t.desk.accept(t.desk.inspect(headers, reservation)));
    expect(refused.text).toBe('invalid ticket signature');
    expect(t.desk.statement(manifestOf(text))).toBeUndefined();
  });
});

describe('follow-up', () => {
  const follow = (headers: PaymentHeaders, sessionId: string) =>
    run(t.desk.pay(headers, { kind: 'follow-up', sessionId }));

  it('credits, and answers fresh params at the session price under the same token', async () => {
    const { text, manifestId } = await open();
    const before = challengeInfo(parseChallenge(text));
    const reply = await follow(await sender.pay(text, { nonces: [2] }), manifestId);
    expect(reply.status).toBe(200);
    const { info } = decodePaymentResult(reply.body as Uint8Array);
    expect(info?.authToken).toEqual(before.authToken);
    expect(info?.priceInfo).toEqual(PER_SECOND.price);
    expect(info?.ticketParams?.recipientRandHash).not.toBe(before.ticketParams?.recipientRandHash);
    expect(t.desk.statement(manifestId)?.tickets).toBe(2);
    await follow(await sender.pay(info!), manifestId);
    expect(t.desk.statement(manifestId)?.tickets).toBe(3);
  });

  it('looks for fresh terms before it takes a ticket', async () => {
    const { text, manifestId } = await open();
    const headers = await sender.pay(text, { nonces: [2] });
    t.chain.sender = { ...t.chain.sender, reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } };
    await t.clock.advance(3_000);
    t.chain.lastInitializedRound += 1n;
    await t.clock.advance(5_000);
    expect(await refusal(() => follow(headers, manifestId))).toMatchObject({ status: 500 });
    expect(t.desk.statement(manifestId)?.tickets).toBe(1);
    t.chain.sender = {
      ...t.chain.sender,
      reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
    };
    await t.clock.advance(15_000);
    expect(t.desk.statement(manifestId)?.state).toBe('closed');
    expect((await follow(headers, manifestId)).status).toBe(200);
  });

  it('credits the manifest of the segment header on the legacy endpoint', async () => {
    const text = await challenge();
    const headers = await sender.pay(text, { manifestId: 'legacy-stream' });
    expect((await run(t.desk.pay(headers, { kind: 'legacy' }))).status).toBe(200);
    expect(t.desk.statement('legacy-stream')?.tickets).toBe(1);
  });
});

describe('refresh', () => {
  const body = (manifestId: string, address: string = sender.address) =>
    JSON.stringify({ sender: address, manifest_id: manifestId });

  it('works after the first payment, with a new token for the same manifest', async () => {
    const { text, manifestId } = await open();
    await t.clock.advance(1_000);
    const reply = await run(t.desk.refresh(body(manifestId)));
    expect(reply).toMatchObject({ status: 200, contentType: 'application/json' });
    const parsed = parseChallenge(String(reply.body));
    expect(parsed).toMatchObject({ manifestId, paymentUrl: 'https://orchestrator.test:8935/payment' });
    const info = challengeInfo(parsed);
    expect(info.priceInfo).toEqual(PER_SECOND.price);
    expect(info.authToken!.expiration).toBeGreaterThan(
      challengeInfo(parseChallenge(text)).authToken!.expiration,
    );
    const headers = await sender.pay(info);
    expect((await run(t.desk.pay(headers, { kind: 'follow-up', sessionId: manifestId }))).status).toBe(200);
  });

  it.each([
    ['{', 400, 'invalid refresh request'],
    ['[]', 400, 'invalid sender'],
    ['{"sender":"0x12","manifest_id":"a"}', 400, 'invalid sender'],
    [body(''), 400, 'missing manifest_id'],
    [body('unknown'), 409, 'fixed price not found for session'],
  ])('refuses %s with %i', async (text, status, message) => {
    const refused = await refusal(() => t.desk.refresh(text));
    expect(refused.reply()).toMatchObject({
      status,
      contentType: 'application/json',
      body: `{"error":{"message":"${message}"}}\n`,
    });
  });
});

describe('metering', () => {
  it('releases with the first debit that is not covered, once', async () => {
    const { manifestId, meter, released } = await open(); // 10 seconds and a trifle
    await t.clock.advance(14_999);
    expect(released).toEqual([]);
    expect(t.desk.statement(manifestId)).toMatchObject({ state: 'open', units: 10n, meteredWei: 1_000n });
    await t.clock.advance(1);
    expect(released).toEqual(['insufficient-balance']);
    expect(meter.open).toBe(false);
    expect(t.desk.statement(manifestId)).toMatchObject({
      state: 'closed',
      closeReason: 'insufficient-balance',
      meteredWei: 1_000n,
    });
    await t.clock.advance(60_000);
    expect(released).toHaveLength(1);
    expect((await run(meter.stop('stopped-by-client'))).closeReason).toBe('insufficient-balance');
  });

  it('goes on while it is paid', async () => {
    const { text, manifestId, released } = await open();
    for (let nonce = 2; nonce <= 12; nonce++) {
      await t.clock.advance(10_000);
      const headers = await sender.pay(text, { nonces: [nonce] });
      await run(t.desk.pay(headers, { kind: 'follow-up', sessionId: manifestId }));
    }
    expect(released).toEqual([]);
    expect(t.desk.statement(manifestId)).toMatchObject({ state: 'open', meteredWei: 11_000n });
  });

  it('charges nothing after a stop, not even the interval that has begun', async () => {
    const { manifestId, meter, released } = await open(3);
    await t.clock.advance(9_999);
    const final = await run(meter.stop('stopped-by-client'));
    expect(final).toMatchObject({ state: 'closed', closeReason: 'stopped-by-client', meteredWei: 500n });
    await t.clock.advance(60_000);
    expect(t.desk.statement(manifestId)?.meteredWei).toBe(500n);
    expect(released).toEqual([]);
    expect(await run(meter.stop('runner-lost'))).toEqual(final);
  });

  it('meters at the price of the reservation', async () => {
    const text = await challenge();
    const dearer = { ...PER_SECOND, price: { pricePerUnit: 500n, pixelsPerUnit: 1n } };
    const inspected = t.desk.inspect(await sender.pay(text), { kind: 'reservation', offered: dearer });
    await run(t.desk.accept(inspected));
    await run(t.desk.openMeter({ inspected, offered: dearer, onRelease: () => {} }));
    await t.clock.advance(5_000);
    expect(t.desk.statement(inspected.manifestId)?.meteredWei).toBe(500n);
  });

  it('charges a fixed price once and meters nothing', async () => {
    const fixed: OfferedPrice = { ...PER_SECOND, unit: 'fixed' };
    const { meter, manifestId } = await open(1, fixed);
    expect(meter.open).toBe(false);
    await t.clock.advance(60_000);
    expect(t.desk.statement(manifestId)).toMatchObject({ state: 'closed', meteredWei: 100n, units: 1n });
  });

  it('refuses a fixed price that is not covered, with the figures', async () => {
    const dear: OfferedPrice = {
      runner: 'r',
      unit: 'fixed',
      price: { pricePerUnit: 5_000n, pixelsPerUnit: 1n },
    };
    const refused = await refusal(() => open(1, dear));
    expect(refused).toMatchObject({ status: 400, code: 'insufficient-balance' });
    expect(refused.text).toMatch(/^insufficient balance, mid=[0-9a-f]{32}, fee=5000, balance=1000$/);
  });

  it('gives no session for a reservation without tickets', async () => {
    const headers = await sender.pay(await challenge(), {
      payment: ({ sender: from, expectedPrice }) => ({
        sender: from!,
        expectedPrice: expectedPrice!,
        ticketSenderParams: [],
      }),
    });
    const inspected = t.desk.inspect(headers, reservation);
    expect(await run(t.desk.accept(inspected))).toMatchObject({ tickets: 0 });
    const refused = await refusal(() =>
      t.desk.openMeter({ inspected, offered: PER_SECOND, onRelease: () => {} }),
    );
    expect(refused.code).toBe('insufficient-balance');
  });

  it('opens a manifest once', async () => {
    const { inspected, meter } = await open();
    const again = () => t.desk.openMeter({ inspected, offered: PER_SECOND, onRelease: () => {} });
    expect(await refusal(again)).toMatchObject({ status: 409, text: 'session already exists' });
    await run(meter.stop('stopped-by-client'));
    expect(await refusal(again)).toMatchObject({ status: 409 });
  });
});

it('sends what the vectors of the wire expect: reduced or not, the price is the same', async () => {
  const { text, manifestId } = await open();
  const headers = await sender.pay(text, {
    nonces: [2],
    payment: (p) => ({ ...p, expectedPrice: { pricePerUnit: 200n, pixelsPerUnit: 2n } }),
  });
  expect(decodePaymentHeader(headers.payment).expectedPrice?.pixelsPerUnit).toBe(2n);
  await run(t.desk.pay(headers, { kind: 'follow-up', sessionId: manifestId }));
  expect(t.desk.statement(manifestId)?.tickets).toBe(2);
});
