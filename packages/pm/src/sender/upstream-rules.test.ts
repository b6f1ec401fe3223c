import { formatRatio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { context, keyOne, offer, paramsWithEv, request, START_NS } from '../../test/sender-fixture.ts';
import { MAX_WIN_PROB } from '../index.ts';
import { openPayment } from './open.ts';
import { planPayment } from './plan.ts';
import { SignerRefusal } from './refusal.ts';
import { decodeState, encodeState, type SignerState } from './state.ts';

const SECOND = 1_000_000_000n;
const MAX_TOTAL_EV = 20_000_000_000_000n;

/** go-livepeer's arithmetic (remote-signer.md section 2, steps 12 to 20) over one denominator, apart from the code under test. */
interface Model {
  lastNs: bigint | undefined;
  randHash: string;
  nonce: number;
  /** Balance in wei times `scale`. */
  balance: bigint;
}

interface Call {
  readonly afterNs: bigint;
  readonly units: bigint;
  readonly faceValue: bigint;
  readonly winProb: bigint;
  readonly freshParams: boolean;
}

const call: fc.Arbitrary<Call> = fc.record({
  afterNs: fc.oneof(
    fc.bigInt(1n, 20n * SECOND),
    fc.bigInt(1n, 40n).map((seconds) => seconds * SECOND),
  ),
  units: fc.bigInt(1n, 40n),
  faceValue: fc.bigInt(1n, 10n ** 6n),
  winProb: fc.oneof(
    fc.bigInt(1n, MAX_WIN_PROB - 1n),
    fc.bigInt(2n, 1000n).map((odds) => MAX_WIN_PROB / odds),
  ),
  freshParams: fc.boolean(),
});

const UNITS: Record<string, (elapsedNs: bigint | undefined, units: bigint) => bigint> = {
  live: (ns) => (ns === undefined ? 10n : (ns + SECOND - 1n) / SECOND),
  lv2v: (ns) => (27_648_000n * (ns ?? 60n * SECOND)) / SECOND,
  fixed: () => 1n,
  '': (_ns, units) => units,
};

const ceil = (a: bigint, b: bigint): bigint => (a <= 0n ? -(-a / b) : (a + b - 1n) / b);

test.each(['live', 'lv2v', 'fixed', ''])(
  'type %j without further terms: tickets, balance and nonces over any calls are those of go-livepeer',
  (type) => {
    let [paid, skipped] = [0, 0];
    fc.assert(
      fc.property(
        fc.bigInt(1n, 5000n),
        fc.bigInt(1n, 97n),
        fc.array(call, { minLength: 1, maxLength: 12 }),
        (price, per, calls) => {
          const perUnit = type === 'lv2v' ? per * 27_648_000n : per;
          // every amount times this is whole
          const scale = MAX_WIN_PROB * perUnit;
          const model: Model = { lastNs: undefined, randHash: '', nonce: 0, balance: 0n };
          let state: SignerState | undefined;
          let params = 0;
          let nowNs = START_NS;
          for (const { afterNs, units, faceValue, winProb, freshParams } of calls) {
            nowNs += afterNs;
            if (freshParams) params += 1;
            const recipientRandHash = `0x${(params + 1).toString(16).padStart(64, '0')}` as const;
            const info = offer({
              priceInfo: { pricePerUnit: price, pixelsPerUnit: perUnit },
              ticketParams: paramsWithEv(1n, { faceValue, winProb, recipientRandHash }),
            });
            const asked = request({ type, inPixels: units, manifestId: 'm' }, info);
            const opened = openPayment(asked, { sender: keyOne().address, random: context().random });
            const now = state === undefined ? opened : { ...opened, isNew: false, state };

            const billed = UNITS[type]!(model.lastNs === undefined ? undefined : nowNs - model.lastNs, units);
            const fee = billed * price * MAX_WIN_PROB;
            const ev = faceValue * winProb * perUnit;
            const need = fee > ev ? fee : ev;
            const tickets = model.balance >= need ? 0n : ceil(need - model.balance, ev);
            const start = model.randHash === recipientRandHash ? model.nonce : 0;
            // beyond it a gap is cut here, and refused there
            if (tickets > 100n || tickets * faceValue * winProb > MAX_TOTAL_EV * MAX_WIN_PROB) return;
            if (billed === 0n) return;

            let plan: ReturnType<typeof planPayment>;
            try {
              plan = planPayment(now, { ...context(), sender: keyOne().address, nowNs });
            } catch (error) {
              const refused = error instanceof SignerRefusal ? error : expect.fail(String(error));
              if (start >= 500) return expect(refused.status).toBe(480);
              expect([refused.status, tickets]).toEqual([482, 0n]);
              skipped += 1;
              continue;
            }
            paid += 1;
            expect(BigInt(plan.nonces.length)).toBe(tickets);
            expect(plan.nonces[0]).toBe(start + 1);
            expect(plan.units).toBe(billed);
            model.balance += tickets * ev - fee;
            model.nonce = start + Number(tickets);
            model.randHash = recipientRandHash;
            model.lastNs = nowNs;
            const { balance, senderNonce, lastUpdateNs } = plan.nextState;
            expect(balance.n * scale).toBe(model.balance * balance.d);
            expect([senderNonce, lastUpdateNs]).toEqual([model.nonce, nowNs]);
            state = decodeState(encodeState(plan.nextState));
            expect(formatRatio(state.balance)).toBe(formatRatio(balance));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(paid, skipped)).toBeGreaterThan(0);
  },
);
