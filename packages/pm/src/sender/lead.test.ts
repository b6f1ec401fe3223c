import { ratio } from '@lp/pricing';
import { decodePaymentHeader, type OrchestratorInfo } from '@lp/protocol';
import { expect, test } from 'vitest';
import { context, keyOne, offer, paramsWithEv, request, START_NS } from '../../test/sender-fixture.ts';
import { answerPayment, type PaymentAnswer } from './answer.ts';
import type { FundingAsk } from './funding-terms.ts';
import { type LivePaymentRequest, openPayment } from './open.ts';
import { planPayment } from './plan.ts';
import { checkSession } from './session-check.ts';
import { decodeState, encodeState, signState } from './state.ts';

const SECOND = 1_000_000_000n;
/** Upstream's keys of a state, in upstream's order. */
const STATE_KEYS = [
  'StateID',
  'PMSessionID',
  'LastUpdate',
  'OrchestratorAddress',
  'App',
  'AuthExpiry',
  'SenderNonce',
  'Balance',
  'InitialPricePerUnit',
  'InitialPixelsPerUnit',
  'Type',
  'SequenceNumber',
  'AuthID',
];

/** A ticket is two seconds; the token outlives every gap. */
function terms(): OrchestratorInfo {
  const expiration = START_NS / SECOND + 100_000n;
  const authToken = { token: new Uint8Array(32).fill(5), sessionId: '9f8e7d6c', expiration };
  return offer({ ticketParams: paramsWithEv(6n), authToken });
}

function pay(
  seconds: bigint,
  change: Partial<LivePaymentRequest> = {},
  info: OrchestratorInfo = terms(),
): Promise<PaymentAnswer> {
  const call = request({ manifestId: '9f8e7d6c', ...change }, info);
  return answerPayment(call, context({ nowNs: START_NS + seconds * SECOND }));
}

const tickets = (answer: PaymentAnswer) => decodePaymentHeader(answer.payment).ticketSenderParams.length;
const lead = (leadMs: bigint, more: FundingAsk = {}): { funding: FundingAsk } => ({
  funding: { leadMs, exact: true, ...more },
});

test('a lead is what the orchestrator holds, the ten seconds billed at the opening included', async () => {
  const opening = await pay(0n, lead(15_000n));
  expect(tickets(opening)).toBe(8);
  expect(decodeState(opening.state.state).balance).toEqual(ratio(18n));
  expect(opening.credit).toEqual({
    creditWei: ratio(48n),
    creditMs: 16_000n,
    nextInMs: 1_001n,
    leadMs: 15_000n,
  });
  const next = await pay(4n, { ...lead(15_000n), state: opening.state });
  expect(tickets(next)).toBe(2);
  expect(next.credit).toMatchObject({ creditWei: ratio(48n), creditMs: 16_000n });
});

test('a lead below ten seconds opens with ten, and nothing is paid while the credit is above it', async () => {
  const opening = await pay(0n, lead(1_000n));
  expect(opening.credit).toMatchObject({ creditMs: 10_000n, nextInMs: 1n });
  await expect(pay(0n, { ...lead(1_000n), state: opening.state })).rejects.toMatchObject({
    status: 482,
    code: 'no-tickets',
    credit: { creditWei: ratio(30n), creditMs: 10_000n, nextInMs: 1n, leadMs: 1_000n },
  });
});

test('lv2v and explicit units take a lead too', async () => {
  const info = offer({
    ticketParams: paramsWithEv(27_648_000n * 3n),
    priceInfo: { pricePerUnit: 3n, pixelsPerUnit: 1n },
  });
  expect((await pay(0n, { type: 'lv2v', ...lead(15_000n) }, info)).credit.creditMs).toBe(15_000n);
  const stated = (unit: string, inPixels: bigint) =>
    pay(0n, { type: '', inPixels, funding: { leadMs: 15_000n, unit } });
  expect((await stated('seconds', 10n)).credit).toMatchObject({ creditWei: ratio(48n), creditMs: 16_000n });
  const plain = await pay(0n, { type: '', inPixels: 10n });
  expect(plain.credit).toEqual({ creditWei: ratio(0n) });
});

test('the state is upstream’s, and goes on under its rules with its ten seconds ahead', async () => {
  const opening = await pay(0n, lead(15_000n));
  const keys = Object.keys(JSON.parse(new TextDecoder().decode(opening.state.state)) as object);
  expect(keys).toEqual(STATE_KEYS);
  // as a Go signer does: whole seconds, a floor of one EV
  const onGo = await pay(8n, { state: opening.state });
  expect([tickets(onGo), decodeState(onGo.state.state).balance]).toEqual([1, ratio(0n)]);
  const back = await pay(10n, { ...lead(15_000n), state: onGo.state });
  expect(back.credit).toMatchObject({ creditMs: 16_000n });
});

test('a gap of a day is billed as far as one call can pay, the rest is dropped and said', async () => {
  const opening = await pay(0n);
  for (const funding of [undefined, { exact: true }, { exact: true, leadMs: 15_000n }]) {
    const call = { state: opening.state, ...(funding === undefined ? {} : { funding }) };
    const after = await pay(86_400n, call);
    expect(tickets(after)).toBe(100);
    expect(after.credit).toMatchObject({ creditMs: 10_000n, unbilledMs: 86_200_000n });
    const then = await pay(86_410n, { ...call, state: after.state });
    expect(then.credit.unbilledMs).toBeUndefined();
  }
});

test('an operator’s limit on one call bounds gap and lead alike', async () => {
  const limits = { ...context().limits, maxTotalEv: 30n };
  const call = (seconds: bigint, change: Partial<LivePaymentRequest>) =>
    answerPayment(
      request({ manifestId: '9f8e7d6c', ...change }, terms()),
      context({ nowNs: START_NS + seconds * SECOND, limits }),
    );
  const opening = await call(0n, lead(30_000n));
  expect([tickets(opening), opening.credit.nextInMs]).toEqual([5, 0n]);
  const after = await call(3_600n, { state: opening.state });
  expect([tickets(after), after.credit.unbilledMs]).toEqual([5, 3_590_000n]);
  await expect(call(0n, { type: '', inPixels: 11n })).rejects.toMatchObject({ code: 'batch-refused' });
});

test('a clock behind bills nothing, and a lead is still kept', async () => {
  const opening = await pay(0n, lead(15_000n));
  await expect(pay(-30n, { funding: { exact: true }, state: opening.state })).rejects.toMatchObject({
    status: 482,
    code: 'clock-behind',
    credit: { creditMs: 16_000n },
  });
  const more = await pay(-30n, { ...lead(20_000n), state: opening.state });
  expect(more.credit.creditMs).toBe(20_000n);
  expect(decodeState(more.state.state).lastUpdateNs).toBe(START_NS);
});

test('a state of a clock far ahead costs one ticket, and time counts again', async () => {
  const opening = await pay(0n);
  const day = 86_400n;
  for (const funding of [undefined, { leadMs: 1_000n }]) {
    const call = { state: opening.state, ...(funding === undefined ? {} : { funding }) };
    const again = await pay(-day, call);
    expect([tickets(again), again.credit.restarted]).toEqual([1, true]);
    expect(decodeState(again.state.state).balance).toEqual(ratio(6n));
    const then = await pay(5n - day, { state: again.state });
    expect([tickets(then), then.credit.restarted]).toEqual([2, undefined]);
  }
});

test('nanoseconds are compared with ceilings as seconds', async () => {
  const info = offer({
    ticketParams: paramsWithEv(6n),
    priceInfo: { pricePerUnit: 3n, pixelsPerUnit: SECOND },
  });
  const change = (price: string): Partial<LivePaymentRequest> => ({
    funding: { unit: 'nanoseconds' },
    maxPrice: { price, currency: 'wei', unit: 'seconds' },
  });
  expect(tickets(await pay(0n, change('3'), info))).toBe(5);
  await expect(pay(0n, change('2.999'), info)).rejects.toMatchObject({ status: 481 });
});

test.each<[string, FundingAsk]>([
  ['live', { leadMs: -1n }],
  ['live', { atMostNs: -1n }],
  ['live', { unit: '720p-pixel-seconds' }],
  ['live', { unit: 'hours' }],
  ['lv2v', { unit: 'seconds' }],
  ['fixed', { leadMs: 1n }],
  ['fixed', { unit: 'seconds' }],
  ['', { leadMs: 1n }],
  ['', { exact: true }],
])('%s with %o is refused', async (type, funding) => {
  await expect(pay(0n, { type, inPixels: 1n, funding })).rejects.toMatchObject({
    status: 400,
    code: 'invalid-funding',
  });
});

test('a lead is cut to an hour', async () => {
  const info = offer({ ticketParams: paramsWithEv(3n * 3600n) });
  const { credit } = await pay(0n, lead(10n ** 12n), info);
  expect(credit).toMatchObject({ leadMs: 3_600_000n, creditMs: 3_600_000n });
});

test('params that expired since the plan are asked for anew, not refused', async () => {
  const { chain, limits } = context();
  const sender = keyOne().address;
  const opened = openPayment(request(), { sender, ...context() });
  planPayment(opened, { ...context(), sender });
  const later = { nowNs: START_NS, limits, chain: { ...chain, l1Block: 1039n } };
  expect(() => checkSession(opened, 0, later)).toThrow(
    expect.objectContaining({ status: 480, code: 'refresh-session' }),
  );
});

test('a state that is signed again reports the same', async () => {
  const opening = await pay(0n);
  const [one, two] = [
    await pay(86_400n, { state: opening.state }),
    await pay(86_400n, { state: opening.state }),
  ];
  expect(one).toEqual(two);
  const state = encodeState(decodeState(one.state.state));
  expect(await signState(state, keyOne())).toEqual(one.state.sig);
});
