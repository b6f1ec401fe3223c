import { encodeState, isPaymentType, PAYMENT_RULES, type PaymentPlan } from '@lp/pm/sender';
import { ceilDiv, floorDiv } from '@lp/pricing';
import type { Bounds, Claim, Issue } from '../ledger/claim.ts';
import type { UsageKey, UsageSums } from '../ledger/rows.ts';
import { storable } from '../ledger/storable.ts';

const HOUR_MS = 3_600_000;
/** Answers are given again until an hour after the auth token's end. */
const AFTER_TOKEN_MS = HOUR_MS;
/** A token's end is the caller's word: no answer is kept longer for it than this. */
const LONGEST_TOKEN_MS = 24 * HOUR_MS;

/** What the ledger records of a plan. */
export function issueOf(
  plan: PaymentPlan,
  claim: Claim,
  about: {
    readonly bounds: Bounds;
    readonly salt: Uint8Array;
    readonly event?: (answerId: Uint8Array, key: UsageKey) => string;
  },
): Issue {
  const usage = usageKeyOf(plan, claim);
  const { event } = about;
  return {
    claim,
    state: encodeState(plan.nextState),
    firstNonce: plan.template.senderNonce,
    tickets: plan.nonces.length,
    ...plan.expirationParams,
    usableUntilMs: usableUntil(plan, claim.nowMs),
    usage,
    sums: usageSumsOf(plan),
    salt: about.salt,
    bounds: about.bounds,
    ...(event !== undefined && { event: (answerId) => event(answerId, usage) }),
  };
}

/** What the usage of a plan is counted under. */
export function usageKeyOf({ opened, template, nanoseconds }: PaymentPlan, claim: Claim): UsageKey {
  const { state } = opened;
  return {
    hourMs: claim.nowMs - (claim.nowMs % HOUR_MS),
    identity: claim.identity,
    app: storable(state.app),
    orchestrator: state.orchestratorAddress,
    recipient: template.recipient,
    model: modelOf(opened),
    unit: nanoseconds ? 'nanoseconds' : unitOf(state.type),
  };
}

function unitOf(type: string): string {
  return (isPaymentType(type) ? PAYMENT_RULES[type].priceUnit : undefined) ?? 'units';
}

/** The money of a plan in whole wei: what is handed out **rounded up**, the fee **half up** as go-livepeer prints it. */
export function usageSumsOf({ opened, nonces, ticketEv, fee, units }: PaymentPlan): UsageSums {
  const tickets = BigInt(nonces.length);
  return {
    answers: 1n,
    openings: opened.isNew ? 1n : 0n,
    tickets,
    units,
    evWei: ceilDiv(ticketEv.n * tickets, ticketEv.d),
    feeWei: floorDiv(2n * fee.n + fee.d, 2n * fee.d),
  };
}

/** The model that a payment is for, where the offer or the capabilities name one. */
function modelOf({ offer, capabilities }: PaymentPlan['opened']): string {
  const named = offer.priceInfo.constraint;
  if (named !== undefined && named !== '') return storable(named);
  for (const models of capabilities?.constraints?.perCapability.values() ?? []) {
    for (const model of models.keys()) return storable(model);
  }
  return '';
}

function usableUntil({ opened }: PaymentPlan, nowMs: number): number {
  const tokenMs = (opened.offer.authToken?.expiration ?? 0n) * 1000n;
  const latest = BigInt(nowMs + LONGEST_TOKEN_MS);
  return Number(tokenMs < latest ? tokenMs : latest) + AFTER_TOKEN_MS;
}
