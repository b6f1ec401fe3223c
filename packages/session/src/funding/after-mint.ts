import { ceilDiv } from '@lp/pricing';
import type { SignerAnswer, SignerCredit } from '../signer/answer.ts';
import { afterPayment, type MintTimes } from './bill.ts';
import { andThen, end, failing, to, voidTerms } from './change.ts';
import { hasStrayed, skippedLead } from './lead.ts';
import { hopedRunwayNs, pauseNs, rescueBelowNs, runwayNs } from './runway.ts';
import type { FundingState, MintRequest, Transition } from './state.ts';

const NS_PER_SECOND = 1_000_000_000n;
const MS = 1_000_000n;
/** Demands for fresh terms in a row (funding.md rule 5). */
const MAX_REFRESHES = 3;
const BACKOFF_NS = [250n * MS, 500n * MS, 1_000n * MS, 2_000n * MS];

/** One row of the signer's table (funding.md rule 5). */
export function afterMint(
  before: FundingState,
  request: MintRequest,
  answer: SignerAnswer,
  times: MintTimes,
): Transition {
  if (answer.kind === 'failed') return afterFailure(before, request, answer, times.nowNs);
  const state: FundingState = {
    ...before,
    minting: undefined,
    capped: false,
    signer: { ...before.signer, failures: 0, notBeforeNs: times.nowNs },
  };
  switch (answer.kind) {
    case 'payment':
      return afterPayment(state, request, answer, times);
    case 'refresh':
      return afterRefreshDemand(state);
    case 'nothing-due':
      return afterNothingDue(state, request, answer.credit, times.nowNs);
    case 'price':
      return to(end(state, { reason: 'price', message: `the signer refused the price: ${answer.message}` }));
    case 'budget':
      return to(
        end(state, { reason: 'budget', message: `the signer's budget is used up: ${answer.message}` }),
      );
    case 'forbidden':
      return to(
        end(state, { reason: 'signer-refused', message: `the signer refused the caller: ${answer.message}` }),
      );
    case 'refused':
      return afterRefusal(state, request, answer);
  }
}

function afterFailure(
  before: FundingState,
  request: MintRequest,
  failure: { readonly message: string; readonly status?: number; readonly cause?: unknown },
  nowNs: bigint,
): Transition {
  const failures = before.signer.failures + 1;
  const wait = BACKOFF_NS[Math.min(failures, BACKOFF_NS.length) - 1] ?? NS_PER_SECOND;
  // A masked 500 may be the operator's limit on one batch: a smaller one is tried then.
  const units = request.units ?? 0n;
  const smaller = failure.status === 500 && failures >= 2 && units > 1n;
  const state: FundingState = {
    ...before,
    minting: smaller ? undefined : request,
    ...(smaller ? { nextPollNs: nowNs + wait } : {}),
    signer: {
      ...before.signer,
      failures,
      notBeforeNs: nowNs + wait,
      ...(smaller ? { unitCap: ceilDiv(units, 2n) } : {}),
    },
  };
  const told = failing(state, 'signer', failure.message, failure.cause);
  if (hopedRunwayNs(state, nowNs) > 0n) return told;
  return andThen(told, (after) =>
    to(
      end(after, {
        reason: 'unreachable',
        peer: 'signer',
        message: `the signer gave no payment before the credit ran out: ${failure.message}`,
        cause: failure.cause,
      }),
    ),
  );
}

function afterRefreshDemand(state: FundingState): Transition {
  const refreshes = state.terms.refreshes + 1;
  if (refreshes > MAX_REFRESHES) {
    return to(
      end(state, {
        reason: 'signer-refused',
        message: `the signer asked for fresh terms ${refreshes} times in a row`,
      }),
    );
  }
  const voided = voidTerms(state);
  return to({ ...voided, terms: { ...voided.terms, refreshes }, nextPollNs: 0n });
}

function afterNothingDue(
  before: FundingState,
  request: MintRequest,
  credit: SignerCredit | undefined,
  nowNs: bigint,
): Transition {
  const { rescue, signer } = before;
  const lead = request.lead === undefined ? signer.lead : skippedLead(signer.lead, request.lead, credit);
  const strayed = lead !== undefined && hasStrayed(before, lead, nowNs);
  const state: FundingState = { ...before, signer: { ...signer, lead, strayed } };
  const short = runwayNs(state, nowNs) < rescueBelowNs(state);
  // The signer's figure says what to ask for instead: soon.
  const corrected = credit !== undefined && request.lead !== undefined;
  const pause = corrected && pauseNs(state) > NS_PER_SECOND ? NS_PER_SECOND : pauseNs(state);
  const skipped: FundingState = {
    ...state,
    nextPollNs: nowNs + pause,
    totals: { ...state.totals, skips: state.totals.skips + 1 },
    rescue: {
      ...rescue,
      wantedNs: short && !corrected && !request.rescue && nowNs >= rescue.notBeforeNs ? nowNs : undefined,
    },
  };
  return to(skipped, { kind: 'skipped', alarm: short });
}

function afterRefusal(
  state: FundingState,
  request: MintRequest,
  refusal: { readonly status: number; readonly message: string; readonly code?: string },
): Transition {
  const units = request.units ?? 0n;
  const tooMany = /numTickets|maximum of \d+/i.test(refusal.message) || refusal.code === 'too-many-tickets';
  if (tooMany && units > 1n) {
    return to({ ...state, signer: { ...state.signer, unitCap: ceilDiv(units, 2n) }, nextPollNs: 0n });
  }
  const refusals = state.signer.stateRefusals + 1;
  if (refusals > 1 || request.rescue) {
    return to(
      end(state, { reason: 'signer-refused', message: `the signer refused to pay: ${refusal.message}` }),
    );
  }
  return andThen(failing(state, 'signer', refusal.message), (after) =>
    to({ ...after, signer: { ...after.signer, stateRefused: true, stateRefusals: refusals } }),
  );
}
