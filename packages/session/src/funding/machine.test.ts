import { MAX_WIN_PROB } from '@lp/pm';
import { addRatio, compareRatio, subRatio } from '@lp/pricing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiptOf } from '../receipt.ts';
import type { SignerAnswer } from '../signer/answer.ts';
import type { DeliveryAnswer, ProbeAnswer, RefreshAnswer } from './answers.ts';
import { decide } from './decide.ts';
import { initialState } from './initial.ts';
import { advance, type FundingEvent } from './machine.ts';
import { dueUnits } from './runway.ts';
import type { FundingConfig, FundingState } from './state.ts';
import type { Terms } from './terms.ts';

const SECOND = 1_000_000_000n;
const PRICE = { wei: 7n, per: 3n, unit: 'seconds' } as const;
const EV = 5n * MAX_WIN_PROB;

let serial = 0;
const freshTerms = (price: Terms['price'] = PRICE): Terms => ({
  paymentParams: `params-${++serial}`,
  recipientRandHash: `0x${serial.toString(16).padStart(64, '0')}`,
  evQuanta: EV,
  price,
  sessionId: 'm',
  tokenExpiration: 10_000n,
});

const start = (mode: FundingConfig['mode'], maxSpendWei: bigint | undefined): FundingState => {
  const terms = freshTerms();
  return initialState({
    tariff: { price: PRICE, rate: 1n },
    mode,
    opening: {
      minted: {
        payment: 'p0',
        segment: 's',
        tickets: 7,
        lastNonce: 7,
        recipientRandHash: terms.recipientRandHash,
        quanta: 7n * EV,
        evQuanta: EV,
      },
      state: { State: '0', Sig: '' },
      units: mode === 'typed' ? 10n : 15n,
      mode,
      startedNs: 0n,
      mintedNs: 0n,
    },
    terms,
    sentNs: 0n,
    repliedNs: SECOND / 10n,
    debitNs: 5n * SECOND,
    pollNs: 3n * SECOND,
    minTargetNs: 15n * SECOND,
    maxSpendWei,
    lostQuanta: 0n,
    notReadyLimitNs: 60n * SECOND,
  });
};

/** Numbers that choose each answer, so that a failing run shrinks. */
const script = fc.array(fc.tuple(fc.nat(99), fc.nat(8_000)), { minLength: 1, maxLength: 120 });

/** What a signer with lead says of its account: anything; two in three say nothing. */
const creditOf = (choice: number) =>
  choice % 3 === 0 ? { credit: { creditNs: BigInt(choice - 20) * SECOND, more: choice % 2 === 0 } } : {};

const signerAnswer = (choice: number, terms: Terms, nonce: number): SignerAnswer => {
  const tickets = 1 + (choice % 9);
  if (choice < 70) {
    return {
      kind: 'payment',
      state: { State: `${++serial}`, Sig: '' },
      minted: {
        payment: `p${serial}`,
        segment: 's',
        tickets,
        lastNonce: nonce + tickets,
        recipientRandHash: terms.recipientRandHash,
        quanta: BigInt(tickets) * EV,
        evQuanta: EV,
      },
      ...creditOf(choice),
    };
  }
  if (choice < 80) return { kind: 'nothing-due', ...creditOf(choice) };
  if (choice < 90) return { kind: 'failed', message: 'busy', status: choice < 85 ? 500 : 503 };
  if (choice < 96) return { kind: 'refresh' };
  return { kind: 'refused', status: 400, message: 'invalid sig' };
};

const deliveryAnswer = (choice: number, last: number): DeliveryAnswer => {
  if (choice < 50) return { kind: 'accepted', terms: choice < 45 ? freshTerms() : undefined };
  if (choice < 55) return { kind: 'accepted', terms: freshTerms({ ...PRICE, wei: 8n }) };
  if (choice < 65) return { kind: 'unknown', message: 'reset', connection: true };
  if (choice < 72) return { kind: 'not-sent', message: 'refused' };
  if (choice < 80) return { kind: 'seen', nonce: choice < 77 ? last : last - 1, message: 'already seen' };
  if (choice < 85) return { kind: 'gone', message: 'runner not found' };
  if (choice < 90) return { kind: 'busy', retryAfterNs: SECOND };
  if (choice < 94) return { kind: 'expired' };
  if (choice < 98) return { kind: 'token', status: 403, message: 'expired auth token' };
  return { kind: 'refused', message: 'inactive' };
};

const probeAnswer = (choice: number): ProbeAnswer => {
  if (choice < 80) return { kind: 'alive' };
  if (choice < 88) return { kind: 'not-ready' };
  if (choice < 94) return { kind: 'unclear', message: '500' };
  if (choice < 99) return { kind: 'unreachable', message: 'reset' };
  return { kind: 'ended', reason: 'runner-lost' };
};

const refreshAnswer = (choice: number): RefreshAnswer => {
  if (choice < 60) return { kind: 'terms', terms: freshTerms() };
  if (choice < 75) return { kind: 'terms', terms: freshTerms({ ...PRICE, wei: 6n }) };
  return choice < 90 ? { kind: 'none', message: '409' } : { kind: 'failed', message: 'reset' };
};

/** Plays a script against the core and looks at every step. */
function play(
  first: FundingState,
  steps: readonly (readonly [number, number])[],
  look: (before: FundingState, action: ReturnType<typeof decide>, nowNs: bigint) => void,
): { state: FundingState; nowNs: bigint } {
  let state = first;
  let nowNs = SECOND / 10n;
  let index = 0;
  // A wait takes no step of the script; a bound all the same.
  for (let guard = 0; guard < 4_000 && index < steps.length; guard++) {
    const action = decide(state, nowNs);
    look(state, action, nowNs);
    if (action.kind === 'end') break;
    if (action.kind === 'wait') {
      expect(action.untilNs, 'a wait that is over').toBeGreaterThan(nowNs);
      nowNs = action.untilNs;
      continue;
    }
    const apply = (event: FundingEvent): void => {
      state = advance(state, event, nowNs).state;
    };
    if (action.kind === 'poll') {
      apply({ kind: 'polled' });
      continue;
    }
    const [choice, ms] = steps[index++] ?? [0, 0];
    const startedNs = nowNs;
    if (action.kind === 'deliver') apply({ kind: 'sending' });
    nowNs += BigInt(ms) * 1_000_000n;
    switch (action.kind) {
      case 'mint': {
        const { terms } = action.request;
        apply({
          kind: 'minted',
          request: action.request,
          answer: signerAnswer(choice, terms, 100),
          startedNs,
        });
        break;
      }
      case 'deliver':
        apply({ kind: 'delivered', answer: deliveryAnswer(choice, action.pending.lastNonce) });
        break;
      case 'refresh':
        apply({ kind: 'refreshed', answer: refreshAnswer(choice) });
        break;
      case 'probe':
        apply({ kind: 'probed', answer: probeAnswer(choice) });
        break;
    }
    if (choice % 17 === 0) apply({ kind: 'suspected' });
  }
  return { state, nowNs };
}

describe('the funding core, under any sequence of answers', () => {
  const modes = fc.constantFrom<FundingConfig['mode']>('lead', 'explicit', 'typed');

  test('is pure: the same state and time give the same action', () => {
    fc.assert(
      fc.property(modes, script, (mode, steps) => {
        play(start(mode, undefined), steps, (state, action, nowNs) => {
          expect(decide(state, nowNs)).toEqual(action);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('every quantum is accounted for: minted = acknowledged + lost + under way', () => {
    fc.assert(
      fc.property(modes, script, (mode, steps) => {
        play(start(mode, undefined), steps, ({ totals, pending }) => {
          expect(totals.minted).toBe(totals.acknowledged + totals.lost + (pending?.amount ?? 0n));
        });
      }),
    );
  });

  test('one payment at a time: no mint and no refresh while one is under way', () => {
    fc.assert(
      fc.property(modes, script, (mode, steps) => {
        play(start(mode, undefined), steps, ({ pending }, action) => {
          if (pending !== undefined) expect(['deliver', 'probe', 'wait', 'end']).toContain(action.kind);
        });
      }),
    );
  });

  test('never back to older params; a rescue only on params under which no ticket exists', () => {
    fc.assert(
      fc.property(modes, script, (mode, steps) => {
        const seen: string[] = [];
        play(start(mode, undefined), steps, (state, action) => {
          if (action.kind !== 'mint') return;
          const hash = action.request.terms.recipientRandHash;
          const known = seen.indexOf(hash);
          if (known === -1) seen.push(hash);
          else expect(known, 'older params').toBe(seen.length - 1);
          if (action.request.rescue) expect(['fresh', 'rescue-only']).toContain(state.terms.use);
          else expect(['fresh', 'in-use']).toContain(state.terms.use);
          // A rescue has no state, everything else the newest.
          expect(action.request.state === undefined).toBe(action.request.rescue);
        });
      }),
    );
  });

  test('the same bytes are not sent again sooner than 2 s after an answer was lost', () => {
    fc.assert(
      fc.property(modes, script, (mode, steps) => {
        let failedNs: bigint | undefined;
        let payment = '';
        let attempts = 0;
        play(start(mode, undefined), steps, ({ pending }, action, nowNs) => {
          if (pending === undefined || pending.payment !== payment) {
            payment = pending?.payment ?? '';
            attempts = pending?.attempts ?? 0;
            failedNs = undefined;
          } else if (pending.attempts > attempts) {
            attempts = pending.attempts;
            failedNs ??= nowNs;
          }
          if (action.kind === 'deliver' && failedNs !== undefined && attempts > 0) {
            expect(nowNs - failedNs).toBeGreaterThanOrEqual(2n * SECOND);
            failedNs = undefined;
          }
        });
      }),
    );
  });

  test('explicit units are whole, positive, and never more than what is due', () => {
    fc.assert(
      fc.property(script, (steps) => {
        play(start('explicit', undefined), steps, (state, action, nowNs) => {
          if (action.kind !== 'mint') return;
          const { units = 0n, rescue } = action.request;
          expect(units).toBeGreaterThan(0n);
          if (!rescue && state.minting === undefined)
            expect(units).toBeLessThanOrEqual(dueUnits(state, nowNs));
        });
      }),
    );
  });

  test('a lead is asked for with what was metered since the last payment, never with units', () => {
    fc.assert(
      fc.property(script, (steps) => {
        let billedToNs = 0n;
        play(start('lead', undefined), steps, (state, action, nowNs) => {
          if (action.kind !== 'mint') return;
          const { lead, units, rescue } = action.request;
          expect(units).toBeUndefined();
          expect(lead?.leadMs).toBeGreaterThanOrEqual(0n);
          expect(lead?.atMostNs === undefined).toBe(rescue);
          if (state.minting !== undefined || rescue) return;
          expect(lead?.atMostNs).toBe(nowNs - (state.signer.lead?.billedToNs ?? 0n));
          // time that was billed is behind for good
          expect(state.signer.lead?.billedToNs).toBeGreaterThanOrEqual(billedToNs);
          billedToNs = state.signer.lead?.billedToNs ?? 0n;
        });
      }),
    );
  });

  test('maxSpend is never exceeded by what is sent', () => {
    fc.assert(
      fc.property(modes, script, fc.bigInt(35n, 300n), (mode, steps, limit) => {
        play(start(mode, limit), steps, ({ config, totals }, action) => {
          if (action.kind === 'deliver') expect(totals.minted).toBeLessThanOrEqual(config.maxSpend ?? 0n);
        });
      }),
    );
  });

  test('the receipt adds up: ahead + rounding - lost - undecided = paid - fees', () => {
    fc.assert(
      fc.property(modes, script, (mode, steps) => {
        const { state, nowNs } = play(start(mode, undefined), steps, () => {});
        const identity = { sessionId: 'm', app: 'a', runner: 'r', orchestrator: 'o', openedMs: 0 };
        const receipt = receiptOf(identity, { reason: 'closed', message: '', closedMs: 0 }, state, nowNs);
        const { difference, lost, undecided, paid, fees } = receipt;
        const explained = subRatio(
          subRatio(addRatio(difference.ahead, difference.rounding), lost.wei),
          undecided.wei,
        );
        expect(compareRatio(explained, difference.wei)).toBe(0);
        expect(compareRatio(subRatio(paid.wei, fees.wei), difference.wei)).toBe(0);
      }),
    );
  });
});
