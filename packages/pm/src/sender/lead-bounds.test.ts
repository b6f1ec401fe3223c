import { addRatio, compareRatio, mulRatio, type Ratio, ratio, subRatio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { context, keyOne, offer, paramsWithEv, request, START_NS } from '../../test/sender-fixture.ts';
import { openPayment } from './open.ts';
import { planPayment } from './plan.ts';
import { SignerRefusal } from './refusal.ts';
import { decodeState, encodeState, type SignerState } from './state.ts';

const SECOND = 1_000_000_000n;
const HOUR = 3_600n * SECOND;
/** Wei a second of the offer. */
const PRICE = 3n;

const call = fc.record({
  afterNs: fc.oneof(fc.bigInt(0n, 20n * SECOND), fc.bigInt(0n, 3n * HOUR)),
  leadMs: fc.oneof(fc.bigInt(0n, 60_000n), fc.bigInt(0n, 2n ** 63n - 1n)),
  atMostNs: fc.option(fc.oneof(fc.bigInt(0n, 20n * SECOND), fc.bigInt(0n, 3n * HOUR)), { nil: undefined }),
});

test('whatever lead and atMostNs are asked for: tickets pay time that passed, the longest lead and one ticket, no more', () => {
  let paid = 0;
  fc.assert(
    fc.property(fc.bigInt(1n, 5000n), fc.array(call, { minLength: 1, maxLength: 30 }), (ev, calls) => {
      let state: SignerState | undefined;
      let [nowNs, minted] = [START_NS, ratio(0n)];
      calls.forEach(({ afterNs, leadMs, atMostNs }, index) => {
        nowNs += afterNs;
        const params = paramsWithEv(ev, {
          recipientRandHash: `0x${(index + 1).toString(16).padStart(64, '0')}`,
        });
        const authToken = { ...offer().authToken!, expiration: 2n ** 40n };
        const funding = { exact: true, leadMs, ...(atMostNs !== undefined && { atMostNs }) };
        const asked = request({ manifestId: 'm', funding }, offer({ ticketParams: params, authToken }));
        const opened = openPayment(asked, { sender: keyOne().address, random: context().random });
        let plan: ReturnType<typeof planPayment>;
        try {
          const now = state === undefined ? opened : { ...opened, isNew: false, state };
          plan = planPayment(now, { ...context(), sender: keyOne().address, nowNs });
        } catch (error) {
          const refused = error instanceof SignerRefusal ? error : expect.fail(String(error));
          return expect(refused.status).toBe(482); // nothing else may stop a session
        }
        paid += 1;
        minted = addRatio(minted, mulRatio(ratio(BigInt(plan.nonces.length)), plan.ticketEv));
        const before = state?.lastUpdateNs ?? nowNs;
        state = decodeState(encodeState(plan.nextState));
        const billedToNs = state.lastUpdateNs ?? 0n;
        expect(billedToNs >= before && billedToNs <= nowNs && nowNs - billedToNs <= HOUR).toBe(true);
        // an opening's lead and every later one is at most an hour, and tickets are whole
        const beyond = subRatio(minted, wei(nowNs - START_NS));
        expect(compareRatio(beyond, addRatio(wei(HOUR), plan.ticketEv))).toBeLessThanOrEqual(0);
        // credit is never negative: a session goes on
        expect(state.balance.n >= 0n).toBe(true);
      });
    }),
    { numRuns: 300 },
  );
  expect(paid).toBeGreaterThan(300);
});

function wei(ns: bigint): Ratio {
  return ratio(ns * PRICE, SECOND);
}
