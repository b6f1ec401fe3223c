import { SignerRefusal } from './refusal.ts';
import { isPaymentType, PAYMENT_RULES } from './units.ts';

/** What `price_info` counts, where it is time: the wire does not say (live-runner.md section 11.4). */
export type TimeUnit = 'seconds' | 'nanoseconds' | '720p-pixel-seconds';

/** Further terms that a caller may ask for: request field `lpFunding`, which Go signers ignore (funding.md section 2). */
export interface FundingAsk {
  /** Credit to hold at the orchestrator once this payment has arrived, in milliseconds of price. */
  readonly leadMs?: bigint;
  /** Bill nanoseconds instead of whole units per call. */
  readonly exact?: boolean;
  /** What `price_info` counts; by default what the payment type says. */
  readonly unit?: string;
  /** Bill no more time than this, in nanoseconds: what the caller knows to have been metered. */
  readonly atMostNs?: bigint;
}

/** A `FundingAsk` that was checked against its payment type. */
export interface FundingTerms {
  /** `undefined` for upstream's rule: as much as covers the larger of fee and EV. */
  readonly leadNs: bigint | undefined;
  readonly exact: boolean;
  /** `undefined` where the signer does not know it: time is unknown then. */
  readonly unit: TimeUnit | undefined;
  readonly atMostNs: bigint | undefined;
}

/** Longest lead that a signer holds; more is cut to it. */
export const MAX_LEAD_MS = 3_600_000n;

const NS_PER_MS = 1_000_000n;

/** Units that a price of each payment type may count; the first is meant where none is named. */
const UNITS: Readonly<Record<string, readonly TimeUnit[]>> = {
  live: ['seconds', 'nanoseconds'],
  lv2v: ['720p-pixel-seconds'],
};
const ALL_UNITS: readonly TimeUnit[] = ['seconds', 'nanoseconds', '720p-pixel-seconds'];

/**
 * Checks what a caller asks for. An unknown `type` passes: it is refused later, in go-livepeer's order.
 *
 * @throws SignerRefusal 400 `invalid-funding`.
 */
export function fundingTerms(ask: FundingAsk | undefined, type: string): FundingTerms {
  const { leadMs, exact = false, unit, atMostNs } = ask ?? {};
  if ((leadMs ?? 0n) < 0n) throw invalid('leadMs must not be negative');
  if ((atMostNs ?? 0n) < 0n) throw invalid('atMostNs must not be negative');
  const known = UNITS[type];
  const named = unit === undefined ? known?.[0] : (known ?? ALL_UNITS).find((one) => one === unit);
  if (unit !== undefined && named === undefined) throw invalid(`unit ${unitList(known ?? ALL_UNITS)}`);
  if (ask !== undefined && isPaymentType(type) && PAYMENT_RULES[type].metered === undefined) {
    if (exact || atMostNs !== undefined) throw invalid('exact and atMostNs are for types live and lv2v');
    if (type === 'fixed' && (leadMs !== undefined || unit !== undefined)) {
      throw invalid('a fixed price has no lead and no unit of time');
    }
    if (leadMs !== undefined && named === undefined) throw invalid('leadMs needs unit for this payment type');
  }
  return {
    leadNs: leadMs === undefined ? undefined : (leadMs < MAX_LEAD_MS ? leadMs : MAX_LEAD_MS) * NS_PER_MS,
    exact,
    unit: named,
    atMostNs,
  };
}

function unitList(units: readonly TimeUnit[]): string {
  return `must be ${units.join(' or ')} for this payment type`;
}

function invalid(what: string): SignerRefusal {
  return new SignerRefusal(400, 'invalid-funding', `lpFunding.${what}`);
}
