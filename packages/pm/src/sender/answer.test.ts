import { type Ratio, ratio } from '@lp/pricing';
import { decodePaymentHeader, decodeSegmentHeader, type OrchestratorInfo } from '@lp/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  context,
  keyOne,
  offer,
  paramsWithEv,
  request,
  START_NS,
  vectors,
} from '../../test/sender-fixture.ts';
import { bytesToHex, segmentMessage, verifyMessage, verifyTicketSignature } from '../index.ts';
import { answerPayment, type PaymentAnswer, type SenderContext } from './answer.ts';
import { type LivePaymentRequest, openPayment } from './open.ts';
import { planPayment } from './plan.ts';
import { SignerRefusal } from './refusal.ts';
import {
  decodeState,
  encodeState,
  type SignedState,
  type SignerState,
  signState,
  verifyState,
} from './state.ts';

const SECOND = 1_000_000_000n;

/** A second call with the state of the first, `seconds` later. */
async function continued(
  before: PaymentAnswer,
  seconds: bigint,
  change: Partial<LivePaymentRequest> = {},
  info: OrchestratorInfo = offer(),
): Promise<PaymentAnswer> {
  const call = request({ manifestId: '9f8e7d6c', state: before.state, ...change }, info);
  return answerPayment(call, context({ nowNs: START_NS + seconds * SECOND }));
}

/** A state with changes, signed with key 1. */
async function forged(change: Partial<SignerState>, from: SignedState): Promise<SignedState> {
  const state = encodeState({ ...decodeState(from.state), ...change });
  return { state, sig: await signState(state, keyOne()) };
}

function refusal(status: number, message: string): unknown {
  return expect.objectContaining({ name: 'SignerRefusal', status, message });
}

const COULD_NOT_CHECK = 'remote signer could not check whether to refresh session: ';

test('live, 3 wei a second, EV 35: one ticket and 5 wei left, 12 s later one more and 4 left', async () => {
  const first = await answerPayment(request(), context());
  const opened = decodeState(first.state.state);
  expect(opened).toMatchObject({
    stateId: 'ab'.repeat(16),
    pmSessionId: `0x${'11'.repeat(32)}`,
    lastUpdateNs: START_NS,
    senderNonce: 1,
    balance: ratio(5n),
    sequenceNumber: 0n,
    type: 'live',
  });
  const second = await continued(first, 12n);
  expect(decodeState(second.state.state)).toMatchObject({
    stateId: opened.stateId,
    senderNonce: 2,
    balance: ratio(4n),
    sequenceNumber: 1n,
    lastUpdateNs: START_NS + 12n * SECOND,
  });
});

test('the headers are what an orchestrator verifies', async () => {
  const answer = await answerPayment(request({ type: '', inPixels: 35n * 3n }), context());
  const { address } = keyOne();
  const payment = decodePaymentHeader(answer.payment);
  const { expirationParams, ...params } = paramsWithEv(35n);
  expect(payment).toMatchObject({
    sender: address,
    ticketParams: params,
    expirationParams,
    expectedPrice: offer().priceInfo,
  });
  expect(payment.ticketParams).not.toHaveProperty('expirationParams');
  expect(payment.ticketSenderParams.map((ticket) => ticket.senderNonce)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const { senderNonce, sig } of payment.ticketSenderParams) {
    const ticket = { ...params, sender: address, senderNonce, ...expirationParams! };
    expect(verifyTicketSignature(ticket, sig)).toBe(true);
  }
  const segment = decodeSegmentHeader(answer.segCreds);
  expect(segment).toMatchObject({ manifestId: '9f8e7d6c', seq: 0n, authToken: offer().authToken });
  expect(new TextDecoder().decode(segment.profiles)).toBe('invalid');
  expect(verifyMessage(address, segmentMessage('9f8e7d6c'), segment.sig)).toBe(true);
  expect(verifyState(answer.state, address)).toBe(true);
});

test('the documented segCreds signature', async () => {
  const answer = await answerPayment(request({ manifestId: 'abcd1234' }), context());
  expect(bytesToHex(decodeSegmentHeader(answer.segCreds).sig)).toBe(
    '0x67ba4a396c611608fe655e2b355e9e5fef2a3038a425a38817eae1eeb905a3aa548af9f9dca4af9e3d7458c53df6c8a253a06d98d92a7819d316138c1434cf6d1c',
  );
});

test('fixed price: one ticket and nothing left, on every call', async () => {
  const info = offer({ ticketParams: paramsWithEv(3n) });
  const first = await answerPayment(request({ type: 'fixed' }, info), context());
  const second = await continued(first, 1n, { type: 'fixed' }, info);
  for (const answer of [first, second]) expect(decodeState(answer.state.state).balance).toEqual(ratio(0n));
  expect(decodePaymentHeader(second.payment).ticketSenderParams.map((t) => t.senderNonce)).toEqual([2]);
});

test('a cheaper offer is billed at the initial price, exactly, in fractions of a wei', async () => {
  const price = (pricePerUnit: bigint) => offer({ priceInfo: { pricePerUnit, pixelsPerUnit: 175n } });
  const first = await answerPayment(request({ type: '', inPixels: 1000n }, price(150n)), context());
  expect(decodeState(first.state.state)).toMatchObject({ senderNonce: 25, balance: ratio(125n, 7n) });
  const second = await continued(first, 3n, { type: '', inPixels: 2500n }, price(100n));
  expect(decodeState(second.state.state)).toMatchObject({ senderNonce: 86, balance: ratio(10n) });
});

test('lv2v pays 60 s of pixels first', () => {
  const opened = openPayment(request({ type: 'lv2v' }, offer({ ticketParams: paramsWithEv(10n ** 9n) })), {
    sender: keyOne().address,
    ...context(),
  });
  const plan = planPayment(opened, { ...context(), sender: keyOne().address });
  expect(plan).toMatchObject({
    units: 1_658_880_000n,
    fee: ratio(1_658_880_000n * 3n),
    nonces: [1, 2, 3, 4, 5],
  });
});

test('the round of the signer stands in where the orchestrator names none', async () => {
  for (const expirationParams of [
    undefined,
    { creationRound: 0n, creationRoundBlockHash: `0x${'22'.repeat(32)}` as const },
    { creationRound: 9n, creationRoundBlockHash: `0x${'00'.repeat(32)}` as const },
  ]) {
    const { expirationParams: _none, ...params } = paramsWithEv(35n);
    const info = offer({ ticketParams: expirationParams ? { ...params, expirationParams } : params });
    const answer = await answerPayment(request({}, info), context());
    expect(decodePaymentHeader(answer.payment).expirationParams).toEqual({
      creationRound: 8n,
      creationRoundBlockHash: `0x${'33'.repeat(32)}`,
    });
  }
});

const { vectors: nonceRows } = await vectors<{
  vectors: { stateSenderNonce: number; statePmSessionMatchesTicketParams: boolean; expectedStatus: number }[];
}>('pm-go-tests.json', 'remoteSignerNonceRefresh');

test.each(nonceRows)(
  'nonce $stateSenderNonce, same params $statePmSessionMatchesTicketParams',
  async (row) => {
    const first = await answerPayment(request(), context());
    const state = await forged({ senderNonce: row.stateSenderNonce }, first.state);
    const info = row.statePmSessionMatchesTicketParams
      ? offer()
      : offer({ ticketParams: paramsWithEv(35n, { recipientRandHash: `0x${'44'.repeat(32)}` }) });
    const call = continued({ ...first, state }, 12n, {}, info);
    if (row.expectedStatus !== 200) {
      await expect(call).rejects.toThrow(
        expect.objectContaining({
          status: 480,
          code: 'refresh-session',
          message: 'refresh session for remote signer',
          orchestratorUrl: 'https://orchestrator.example:8935',
        }),
      );
      return;
    }
    const [ticket] = decodePaymentHeader((await call).payment).ticketSenderParams;
    expect(ticket?.senderNonce).toBe(row.statePmSessionMatchesTicketParams ? 500 : 1);
  },
);

test('a nonce that the signer knows to be used is never signed again', async () => {
  const answer = await answerPayment(request(), context({ usedNonce: 41 }));
  expect(decodePaymentHeader(answer.payment).ticketSenderParams.map((t) => t.senderNonce)).toEqual([42]);
  await expect(answerPayment(request(), context({ usedNonce: 500 }))).rejects.toThrow(
    refusal(480, 'refresh session for remote signer'),
  );
});

test.each<[string, Partial<LivePaymentRequest>, OrchestratorInfo, Partial<SenderContext>, number, string]>([
  ['no offer', { orchestrator: new Uint8Array() }, offer(), {}, 400, 'missing orchestrator'],
  [
    'no price',
    {},
    offer({ priceInfo: { pricePerUnit: 0n, pixelsPerUnit: 1n } }),
    {},
    400,
    'missing or zero priceInfo',
  ],
  [
    'negative price',
    {},
    offer({ priceInfo: { pricePerUnit: -3n, pixelsPerUnit: 1n } }),
    {},
    400,
    'missing or zero priceInfo',
  ],
  [
    'bad manifest id',
    { manifestId: 'a b' },
    offer(),
    {},
    400,
    'ManifestID must be 1 to 128 letters, digits or one of _.-',
  ],
  ['other type', { type: 'byoc' }, offer(), {}, 400, 'invalid job type'],
  ['no units', { type: '' }, offer(), {}, 400, 'missing billable unit or job type'],
  [
    'dear',
    { maxPrice: { price: '2.5', currency: 'wei', unit: 'seconds' } },
    offer(),
    {},
    481,
    'orchestrator price 3.000 exceeds request maxPrice ceiling 2.500',
  ],
  [
    'dearer than configured',
    {},
    offer(),
    { ceilings: [{ source: 'configured maximum price', price: ratio(2n) }] },
    481,
    'orchestrator price 3.000 exceeds configured maximum price ceiling 2.000',
  ],
  ['no EV', {}, offer({ ticketParams: paramsWithEv(0n) }), {}, 482, 'no tickets'],
  [
    'too many tickets',
    { type: '', inPixels: 1190n },
    offer(),
    {},
    400,
    'numTickets 102 exceeds maximum of 100',
  ],
  [
    'batch above the limit',
    { type: '', inPixels: 100n },
    offer(),
    { limits: { maxTicketEv: 100n, maxTotalEv: 100n, depositMultiplier: 1n } },
    500,
    'total ticket EV 315.00000 for 9 tickets > max total ticket EV 100.00000',
  ],
  [
    'ticket above the limit',
    {},
    offer(),
    { limits: { maxTicketEv: 34n, maxTotalEv: 100n, depositMultiplier: 1n } },
    400,
    `${COULD_NOT_CHECK}ticket EV 35.00000 > max ticket EV 34.00000`,
  ],
  [
    'token about to end',
    {},
    offer(),
    { nowNs: START_NS + 1620n * SECOND + 1n },
    480,
    'refresh session for remote signer',
  ],
  [
    'params about to end',
    {},
    offer({ ticketParams: paramsWithEv(35n, { expirationBlock: 1001n }) }),
    {},
    480,
    'refresh session for remote signer',
  ],
])('%s', async (_name, change, info, contextChange, status, message) => {
  await expect(answerPayment(request(change, info), context(contextChange))).rejects.toThrow(
    refusal(status, message),
  );
});

test('an offer without ticket params, auth token or session id', async () => {
  const { ticketParams: _params, ...noParams } = offer();
  const { authToken, ...noToken } = offer();
  const noSession = offer({ authToken: { ...authToken!, sessionId: '' } });
  const answer = (info: OrchestratorInfo) => answerPayment(request({}, info), context());
  await expect(answer(noParams)).rejects.toThrow(refusal(400, 'missing ticketParams in OrchestratorInfo'));
  await expect(answer(noToken)).rejects.toThrow(refusal(400, `${COULD_NOT_CHECK}missing auth token`));
  await expect(answer(noSession)).rejects.toThrow(refusal(400, 'missing manifestID'));
});

test('a state is bound to its orchestrator, app, type and price', async () => {
  const first = await answerPayment(request({ app: 'lp/edges' }), context());
  const again = (change: Partial<LivePaymentRequest>, info = offer()) =>
    continued(first, 12n, { app: 'lp/edges', ...change }, info);
  await expect(again({})).resolves.toBeDefined();
  await expect(again({ manifestId: '' })).rejects.toThrow(refusal(400, 'missing manifestID'));
  await expect(again({ app: '' })).rejects.toThrow(refusal(400, 'app mismatch'));
  await expect(again({ type: 'fixed' })).rejects.toThrow(refusal(400, 'job type mismatch'));
  await expect(again({}, offer({ address: `0x${'cc'.repeat(20)}` }))).rejects.toThrow(
    refusal(400, 'orchestratorAddress mismatch'),
  );
  await expect(again({}, offer({ priceInfo: { pricePerUnit: 4n, pixelsPerUnit: 1n } }))).rejects.toThrow(
    refusal(481, 'orchestrator price 4.000 exceeds initial session price ceiling 3.000'),
  );
  const zero = await forged({ initialPricePerUnit: 0n }, first.state);
  await expect(again({ state: zero })).rejects.toThrow(refusal(400, 'invalid initial price in state'));
  const tampered = {
    ...first.state,
    state: encodeState({ ...decodeState(first.state.state), senderNonce: 0 }),
  };
  await expect(again({ state: tampered })).rejects.toThrow(refusal(400, 'invalid sig'));
  await expect(again({ state: { state: new Uint8Array(), sig: first.state.sig } })).rejects.toThrow(
    refusal(400, 'invalid sig'),
  );
});

test('a type left open may be named later and never taken back', async () => {
  const first = await answerPayment(request({ type: '', inPixels: 10n }), context());
  const live = await continued(first, 12n, { type: 'live' });
  expect(decodeState(live.state.state).type).toBe('live');
  await expect(continued(live, 24n, { type: '', inPixels: 1n })).rejects.toThrow(
    refusal(400, 'job type mismatch'),
  );
});

test('a covered call, or a clock behind the state, is 482 and changes nothing', async () => {
  const info = offer({ ticketParams: paramsWithEv(1000n) });
  const first = await answerPayment(request({}, info), context());
  await expect(continued(first, 12n, {}, info)).resolves.toBeDefined(); // 970 is below one EV
  const rich = await forged({ balance: ratio(1000n) }, first.state);
  await expect(continued({ ...first, state: rich }, 12n, {}, info)).rejects.toThrow(
    refusal(482, 'no tickets'),
  );
  await expect(continued(first, -30n)).rejects.toThrow(
    expect.objectContaining({ status: 482, code: 'clock-behind' }),
  );
});

test('time that was billed stays billed when the clock steps back', async () => {
  const first = await answerPayment(request({ type: '', inPixels: 10n }), context());
  const back = await continued(first, -30n, { type: '', inPixels: 10n });
  expect(decodeState(back.state.state).lastUpdateNs).toBe(START_NS);
});

test('text that is not well-formed comes back as itself', async () => {
  const first = await answerPayment(request({ app: 'a\ud800' }), context());
  await expect(continued(first, 12n, { app: 'a\ud800' })).resolves.toBeDefined();
});

test('over a whole session nothing is billed twice and nothing is lost', async () => {
  const seconds = fc.array(fc.bigInt(1n, 100n * SECOND), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(seconds, fc.bigInt(100n, 3000n), async (gaps, ev) => {
      const info = offer({
        ticketParams: paramsWithEv(ev),
        priceInfo: { pricePerUnit: 7n, pixelsPerUnit: 3n },
      });
      let nowNs = START_NS;
      let answer = await answerPayment(request({}, info), context({ nowNs }));
      let billed = 10n;
      for (const gap of gaps) {
        nowNs += gap;
        try {
          const call = request({ manifestId: '9f8e7d6c', state: answer.state }, info);
          const last = decodeState(answer.state.state).lastUpdateNs!;
          answer = await answerPayment(call, context({ nowNs }));
          billed += (nowNs - last + SECOND - 1n) / SECOND;
        } catch (error) {
          if (!(error instanceof SignerRefusal) || error.status !== 482) throw error;
        }
      }
      const state = decodeState(answer.state.state);
      const paid = ev * BigInt(state.senderNonce);
      const expected: Ratio = ratio(paid * 3n - billed * 7n, 3n);
      expect(state.balance).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

test('arbitrary offers, states and fields are answered or refused', async () => {
  const bytes = fc.uint8Array({ maxLength: 120 });
  const anyRequest: fc.Arbitrary<Partial<LivePaymentRequest>> = fc.record(
    {
      orchestrator: bytes,
      state: fc.record({ state: bytes, sig: bytes }),
      manifestId: fc.string(),
      app: fc.string(),
      inPixels: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      type: fc.oneof(fc.constantFrom('live', 'lv2v', 'fixed', ''), fc.string()),
      maxPrice: fc.record({ price: fc.string(), currency: fc.string(), unit: fc.string() }),
      capabilities: bytes,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(anyRequest, async (change) => {
      await answerPayment(request(change), context()).catch((error: unknown) => {
        expect(error).toBeInstanceOf(SignerRefusal);
      });
    }),
    { numRuns: 300 },
  );
});
