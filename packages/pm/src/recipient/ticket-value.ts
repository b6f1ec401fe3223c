import { MAX_WIN_PROB } from '../index.ts';

/** What an operator decides about the tickets it takes (payments.md section 2.4). */
export interface TicketPolicy {
  /** Expected value wanted per ticket, whole wei. Upstream default 8,000,000,000. */
  readonly ticketEv: bigint;
  /** Gas of one redemption: 1,200,000 on Arbitrum, 350,000 elsewhere. */
  readonly redeemGas: bigint;
  /** Face value over the cost of redeeming it. Upstream 100. */
  readonly txCostMultiplier: bigint;
  /** Wei; 0 = no limit. */
  readonly maxFaceValue: bigint;
}

/** Upstream's figures on Arbitrum (chain.md section 6). */
export const DEFAULT_TICKET_POLICY: TicketPolicy = {
  ticketEv: 8_000_000_000n,
  redeemGas: 1_200_000n,
  txCostMultiplier: 100n,
  maxFaceValue: 0n,
};

/** Gas price up to which a dear moment alone is no reason to refuse a sender: 3 gwei (payments.md section 2.4). */
export const AVERAGE_GAS_PRICE_WEI = 3_000_000_000n;

const LOW_64_BITS = 2n ** 64n - 1n;

/** Why no ticket of a useful value fits into the sender's reserve. */
export type InsufficientReserveCode = 'face-value-below-ev' | 'face-value-below-tx-cost';

/**
 * The sender's reserve share does not carry a ticket worth redeeming. The message begins with upstream's
 * `insufficient sender reserve`, which clients match as a prefix, and goes on with the figures.
 */
export class InsufficientReserveError extends Error {
  override readonly name = 'InsufficientReserveError';
  readonly code: InsufficientReserveCode;
  /** Largest face value that was possible, wei. */
  readonly faceValue: bigint;
  /** What it had to reach, wei. */
  readonly needed: bigint;
  /** Wei; may be negative. */
  readonly maxFloat: bigint;

  constructor(
    code: InsufficientReserveCode,
    figures: { faceValue: bigint; needed: bigint; maxFloat: bigint },
  ) {
    const what = code === 'face-value-below-ev' ? 'ticket EV' : 'transaction cost';
    super(
      `insufficient sender reserve: face value ${figures.faceValue} wei is below the ${what} of ` +
        `${figures.needed} wei (max float ${figures.maxFloat} wei)`,
    );
    this.code = code;
    this.faceValue = figures.faceValue;
    this.needed = figures.needed;
    this.maxFloat = figures.maxFloat;
  }
}

/** Wei that redeeming one ticket costs at `gasPrice` (wei per gas). */
export const redemptionCost = (policy: TicketPolicy, gasPrice: bigint): bigint => policy.redeemGas * gasPrice;

/**
 * Face value for new params, in wei (payments.md section 2.4). Never above `maxFloat`.
 *
 * @throws InsufficientReserveError when the sender's reserve does not carry a useful ticket.
 */
export function faceValueFor(policy: TicketPolicy, gasPrice: bigint, maxFloat: bigint): bigint {
  const cost = redemptionCost(policy, gasPrice);
  let faceValue = cost * policy.txCostMultiplier;
  if (faceValue < policy.ticketEv) faceValue = policy.ticketEv * 100n;
  if (faceValue > maxFloat) faceValue = maxFloat;
  if (policy.maxFaceValue > 0n && faceValue > policy.maxFaceValue) faceValue = policy.maxFaceValue;
  if (faceValue < policy.ticketEv) {
    throw new InsufficientReserveError('face-value-below-ev', {
      faceValue,
      needed: policy.ticketEv,
      maxFloat,
    });
  }
  if (faceValue < cost && faceValue < policy.redeemGas * AVERAGE_GAS_PRICE_WEI) {
    throw new InsufficientReserveError('face-value-below-tx-cost', { faceValue, needed: cost, maxFloat });
  }
  return faceValue;
}

/**
 * Win probability, out of 2^256 - 1, that gives a ticket of `faceValue` wei an EV of at least `ticketEv` wei:
 * `EV * ceil(max / faceValue)`. The ceiling is upstream's: quotient + 1 only when the **low 64 bits** of the remainder
 * are not zero (payments.md section 2.4). 0 for face value 0, the maximum when face value equals EV.
 */
export function winProbFor(ticketEv: bigint, faceValue: bigint): bigint {
  if (faceValue === 0n) return 0n;
  if (faceValue === ticketEv) return MAX_WIN_PROB;
  const quotient = MAX_WIN_PROB / faceValue;
  const remainder = MAX_WIN_PROB % faceValue;
  return ticketEv * ((remainder & LOW_64_BITS) === 0n ? quotient : quotient + 1n);
}
