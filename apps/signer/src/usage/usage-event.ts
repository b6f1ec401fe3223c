import { checksumAddress, type Hex } from '@lp/pm';
import { formatTimestamp, isPaymentType, PAYMENT_RULES, type PaymentPlan } from '@lp/pm/sender';
import { ceilDiv, floorRatio, type Ratio, roundedDecimal } from '@lp/pricing';
import type { UsageKey } from '../ledger/rows.ts';

/** What an event tells about. */
export interface SignedAnswer {
  readonly plan: PaymentPlan;
  readonly key: UsageKey;
  readonly nowMs: number;
  /** 128 bits. */
  readonly answerId: Uint8Array;
}

/** Makes the event of an answer, as JSON. */
export type UsageEventOf = (answer: SignedAnswer) => string;

const PIPELINES: Readonly<Record<string, string>> = {
  lv2v: 'live-video-to-video',
  live: 'live',
  fixed: 'fixed',
};
const MAX_URL_LENGTH = 2048;
const NS_PER_SECOND = 1_000_000_000n;

/**
 * `create_signed_ticket` events in go-livepeer's envelope, fields and units (remote-signer.md section 5.2). Ours besides:
 * `event_id` (128 bits, also the envelope's id and `request_id`), `model`, `unit`, `units`, `ticket_ev_wei`, `recipient`
 * and the caller's labels.
 *
 * @param gateway the name of this signer in the envelope.
 */
export function usageEvents(gateway: string): UsageEventOf {
  return (answer) => {
    const id = Buffer.from(answer.answerId).toString('hex');
    return JSON.stringify({
      id,
      type: 'create_signed_ticket',
      timestamp: String(answer.nowMs),
      gateway,
      data: dataOf(answer, id),
    });
  };
}

function dataOf({ plan, key, nowMs }: SignedAnswer, id: string): Record<string, unknown> {
  const { opened, nextState, nonces, ticketEv, fee, units } = plan;
  const { state, offer, labels } = opened;
  const nowNs = BigInt(nowMs) * 1_000_000n;
  const beforeNs = state.lastUpdateNs ?? nowNs;
  const tickets = BigInt(nonces.length);
  return {
    session_id: state.stateId,
    session_status: opened.isNew ? 'new' : 'continuing',
    app: state.app,
    pipeline: PIPELINES[state.type] ?? '',
    request_id: id,
    orch_address: checksumAddress(state.orchestratorAddress),
    orch_url: offer.orchestratorUrl.slice(0, MAX_URL_LENGTH),
    manifest_id: opened.manifestId,
    pm_session_id: opened.pmSessionId,
    current_time: formatTimestamp(nowNs),
    current_time_unix: nowMs,
    previous_time: formatTimestamp(beforeNs),
    previous_time_unix: Number(beforeNs / 1_000_000n),
    billable_secs: billableSeconds(plan),
    pixels: state.type === 'lv2v' && !plan.nanoseconds ? Number(units) : 0,
    session_balance: rounded(nextState.balance),
    computed_fee: rounded(fee),
    cost: roundedDecimal(offer.price, 10),
    sequence_number: Number(nextState.sequenceNumber),
    num_tickets: nonces.length,
    auth_id: nextState.authId === '' ? key.identity : nextState.authId,
    event_id: id,
    identity: key.identity,
    model: key.model,
    unit: key.unit,
    units: units.toString(),
    ticket_ev_wei: ceilDiv(ticketEv.n * tickets, ticketEv.d).toString(),
    recipient: checksumAddress(key.recipient as Hex), // an address of a decoded offer
    gateway_request_id: labels.gatewayRequestId,
    attribution_source: labels.attributionSource,
  };
}

/**
 * Seconds as upstream has them: what the opening bills in advance, else the time since the last call, as far as it is not
 * left for later ones. With exact billing, and of a gap that was cut, the seconds that were billed.
 */
function billableSeconds({ opened, nextState, nanoseconds, units }: PaymentPlan): number {
  if (nanoseconds) return Number(units) / 1e9;
  const { type, lastUpdateNs } = opened.state;
  const ns = lastUpdateNs === undefined ? 0n : (nextState.lastUpdateNs ?? lastUpdateNs) - lastUpdateNs;
  const metered = isPaymentType(type) ? PAYMENT_RULES[type].metered : undefined;
  const passed = metered === undefined || (lastUpdateNs !== undefined && metered.units(ns) === units);
  if (passed) return ns <= 0n ? 0 : Number(ns) / 1e9;
  return Number(units) / Number(metered.units(NS_PER_SECOND));
}

/** Wei **rounded half up**. */
function rounded(value: Ratio): string {
  return floorRatio({ n: 2n * value.n + value.d, d: 2n * value.d }).toString();
}
