import { type Ratio, ratio } from '@lp/pricing';
import { MAX_UINT256 } from './uint256.ts';

/** Win probability of a ticket that always wins: 2^256 - 1 (payments.md section 2.2). */
export const MAX_WIN_PROB: bigint = MAX_UINT256;

/** Win probability as an exact ratio, 0 to 1. */
export function winProbRatio(winProb: bigint): Ratio {
  return ratio(winProb, MAX_WIN_PROB);
}

/**
 * Expected value of a ticket in wei, exact: `faceValue * winProb / MAX_WIN_PROB` (payments.md section 2.2).
 *
 * @example ticketEv(1000n, MAX_WIN_PROB) // { n: 1000n, d: 1n }
 */
export function ticketEv(faceValue: bigint, winProb: bigint): Ratio {
  return ratio(faceValue * winProb, MAX_WIN_PROB);
}

/**
 * Expected value as a whole number of quanta; 1 wei is `MAX_WIN_PROB` quanta. Sums and comparisons of these need no
 * common denominator.
 */
export function evQuanta(faceValue: bigint, winProb: bigint): bigint {
  return faceValue * winProb;
}
