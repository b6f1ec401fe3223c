import { ceilDiv, floorDiv, PIXELS_PER_SECOND_720P } from '@lp/pricing';
import { SignerRefusal } from './refusal.ts';

/** What a payment is counted in; `''` leaves the count to the caller (`inPixels`). */
export type PaymentType = '' | 'live' | 'lv2v' | 'fixed';

const NS_PER_SECOND = 1_000_000_000n;

/** One row per payment type (remote-signer.md section 2, steps 14 and 15). */
interface PaymentRule {
  /** The unit in which `maxPrice` must be stated; none where the signer does not know the unit. */
  readonly priceUnit?: 'seconds' | '720p-pixel-seconds' | 'fixed';
  /** For types that bill time: how much the first call pays ahead, and how time becomes units. */
  readonly metered?: { readonly openingNs: bigint; readonly units: (ns: bigint) => bigint };
  /** For the others: units per call. */
  readonly units?: (inPixels: bigint) => bigint;
}

/** The table of payment types: a new one is a row here. */
export const PAYMENT_RULES: Readonly<Record<PaymentType, PaymentRule>> = {
  // whole seconds, rounded up on every call
  live: {
    priceUnit: 'seconds',
    metered: { openingNs: 10n * NS_PER_SECOND, units: (ns) => ceilDiv(ns, NS_PER_SECOND) },
  },
  // pixels of 720p at 30 frames per second, truncated
  lv2v: {
    priceUnit: '720p-pixel-seconds',
    metered: {
      openingNs: 60n * NS_PER_SECOND,
      units: (ns) => floorDiv(ns * PIXELS_PER_SECOND_720P, NS_PER_SECOND),
    },
  },
  fixed: { priceUnit: 'fixed', units: () => 1n },
  '': { units: (inPixels) => inPixels },
};

/** Whether `type` has a row in `PAYMENT_RULES`. */
export function isPaymentType(type: string): type is PaymentType {
  return Object.hasOwn(PAYMENT_RULES, type);
}

/**
 * Units of a call that does not bill time, at least 1; 0 for a metered type (`billNow` counts those).
 *
 * @throws SignerRefusal 400 `invalid-type`, `missing-units`.
 */
export function statedUnits(type: string, inPixels: bigint): bigint {
  if (!isPaymentType(type)) throw new SignerRefusal(400, 'invalid-type', 'invalid job type');
  const rule = PAYMENT_RULES[type];
  if (rule.metered !== undefined) return 0n;
  const units = rule.units?.(inPixels) ?? 0n;
  if (units <= 0n) throw new SignerRefusal(400, 'missing-units', 'missing billable unit or job type');
  return units;
}
