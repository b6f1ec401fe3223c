import { MAX_WIN_PROB } from '@lp/pm';
import { floorDiv } from '@lp/pricing';
import type { PriceInfo } from '@lp/protocol';

/** Quanta in one wei: a ticket's EV is a whole number of them (byoc.md section 14.1). */
export const QUANTA_PER_WEI: bigint = MAX_WIN_PROB;

/**
 * Fee for the first `units` units of an account, in quanta, **rounded down** by less than one quantum. A debit is the
 * difference of two of these, so that nothing is lost over many debits (byoc.md section 14.1).
 */
export const cumulativeFee = (units: bigint, price: PriceInfo): bigint =>
  (units * price.pricePerUnit * QUANTA_PER_WEI) / price.pixelsPerUnit;

/** Whole wei in an amount of quanta, **rounded toward minus infinity**. */
export const weiOfQuanta = (quanta: bigint): bigint => floorDiv(quanta, QUANTA_PER_WEI);
