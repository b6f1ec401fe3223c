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
 * Units to bill now, at least 1.
 *
 * A metered session whose `lastUpdateNs` is not in the past has nothing to bill. go-livepeer charges the opening
 * again there, which overcharges when signers' clocks differ (remote-signer.md H12); this refuses with 482.
 *
 * @throws SignerRefusal 400 `invalid-type`, `missing-units`; 482 `clock-behind`.
 */
export function billableUnits(input: {
  readonly type: string;
  readonly inPixels: bigint;
  readonly nowNs: bigint;
  /** `undefined` on the first call of a session. */
  readonly lastUpdateNs: bigint | undefined;
}): bigint {
  if (!isPaymentType(input.type)) throw new SignerRefusal(400, 'invalid-type', 'invalid job type');
  const rule = PAYMENT_RULES[input.type];
  if (rule.metered !== undefined) {
    if (input.lastUpdateNs === undefined) return rule.metered.units(rule.metered.openingNs);
    const elapsedNs = input.nowNs - input.lastUpdateNs;
    const units = elapsedNs > 0n ? rule.metered.units(elapsedNs) : 0n;
    if (units === 0n) throw new SignerRefusal(482, 'clock-behind', 'no tickets');
    return units;
  }
  const units = rule.units?.(input.inPixels) ?? 0n;
  if (units <= 0n) throw new SignerRefusal(400, 'missing-units', 'missing billable unit or job type');
  return units;
}
