import { addRatio, type Ratio, ratio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_WIN_PROB } from '../src/index.ts';
import {
  authTokenIssuer,
  inspectPayment,
  makeTicketParams,
  memoryNonces,
  receiveTickets,
  recipientRandSource,
} from '../src/recipient/index.ts';
import {
  decodeState,
  encodeAnswer,
  encodeState,
  type OpenedPayment,
  openPayment,
  type PaymentAnswer,
  planPayment,
  SignerRefusal,
  signPayment,
} from '../src/sender/index.ts';
import { context, keyOne, offer, request, START_NS } from './sender-fixture.ts';

const SECOND = 1_000_000_000n;
const tokens = authTokenIssuer(new Uint8Array(32).fill(1));
const rand = recipientRandSource(new Uint8Array(32).fill(2));
const recipient = `0x${'bb'.repeat(20)}` as const;
const priceInfo = { pricePerUnit: 700n, pixelsPerUnit: 3n };
const { signer, chain, ...rest } = context();

/** An orchestrator's offer with fresh ticket params. */
function challenge(seed: number, nowNs: bigint, ticketEv: bigint) {
  const ticketParams = makeTicketParams({
    policy: { ticketEv, redeemGas: 0n, txCostMultiplier: 100n, maxFaceValue: 0n },
    recipient,
    sender: signer.address,
    price: ratio(priceInfo.pricePerUnit, priceInfo.pixelsPerUnit),
    head: {
      ...chain,
      previousRoundBlockHash: chain.roundBlockHash,
      currentRoundInitialized: true,
      poolSize: 1n,
      gasPrice: 0n,
    },
    gasPrice: 0n,
    maxFloat: 10n ** 18n,
    seed: new Uint8Array(32).fill(seed + 1),
    rand,
  });
  const authToken = tokens.issue('9f8e7d6c', nowNs / SECOND + 1800n);
  return offer({ ticketParams, priceInfo, authToken });
}

const step = fc.record({
  gapNs: fc.bigInt(1n, 30n * SECOND),
  refresh: fc.boolean(),
  type: fc.constantFrom('live', ''),
});

test('what the sender core signs, the recipient core credits to the last quantum', async () => {
  await fc.assert(
    fc.asyncProperty(fc.bigInt(500n, 50_000n), fc.array(step, { maxLength: 8 }), async (ticketEv, steps) => {
      const nonces = memoryNonces();
      let nowNs = START_NS;
      let info = challenge(0, nowNs, ticketEv);
      let answer: PaymentAnswer | undefined;
      let type = '';
      let creditedQuanta = 0n;
      let fees: Ratio = ratio(0n);

      for (const [index, { gapNs, refresh, type: wanted }] of steps.entries()) {
        nowNs += gapNs;
        if (refresh) info = challenge(index + 1, nowNs, ticketEv);
        type = type === 'live' ? type : wanted; // never back to an open type
        const change = { type, inPixels: gapNs / 100_000_000n + 1n, manifestId: '9f8e7d6c' };
        const call = request(answer === undefined ? change : { ...change, state: answer.state }, info);
        const paid = await payOrSkip(openPayment(call, { sender: signer.address, ...rest }), nowNs);
        if (paid === undefined) continue;
        answer = paid.answer;
        fees = addRatio(fees, paid.fee);

        const headers = { payment: answer.payment, segment: answer.segCreds };
        const { payment, segment, sender } = inspectPayment(headers, { tokens, now: nowNs / SECOND });
        expect([sender, segment.manifestId]).toEqual([keyOne().address, '9f8e7d6c']);
        const received = receiveTickets(payment, {
          recipient,
          l1Block: chain.l1Block,
          lastInitializedRound: chain.lastInitializedRound,
          sender: chain.senderInfo,
          rand,
          nonces,
        });
        expect(received.refusal).toBeUndefined();
        expect(received.credited).toBe(payment.ticketSenderParams.length);
        creditedQuanta += received.creditedQuanta;
      }
      const balance = answer === undefined ? ratio(0n) : decodeState(answer.state.state).balance;
      expect(addRatio(balance, fees)).toEqual(ratio(creditedQuanta, MAX_WIN_PROB));
    }),
    { numRuns: 40 },
  );
});

async function payOrSkip(
  opened: OpenedPayment,
  nowNs: bigint,
): Promise<{ answer: PaymentAnswer; fee: Ratio } | undefined> {
  try {
    const plan = planPayment(opened, { ...rest, chain, nowNs, sender: signer.address });
    const payment = { ...plan, state: encodeState(plan.nextState) };
    return { answer: encodeAnswer(payment, await signPayment(payment, signer)), fee: plan.fee };
  } catch (error) {
    // 482: credit left; 400: more tickets than one payment holds. Neither changes the state.
    if (error instanceof SignerRefusal && ['no-tickets', 'too-many-tickets'].includes(error.code))
      return undefined;
    throw error;
  }
}
