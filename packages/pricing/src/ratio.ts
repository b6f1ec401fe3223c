import { ceilDiv, floorDiv, gcd } from './integer.ts';

/** An exact fraction in lowest terms; `d > 0`. */
export type Ratio = { readonly n: bigint; readonly d: bigint };

/** Why a ratio cannot be made. */
export type RatioErrorCode = 'malformed' | 'too-long' | 'exponent-out-of-range' | 'zero-denominator';

/** The value asked for is not a ratio, or its text is beyond the limits of `parseRatio`. */
export class RatioError extends Error {
  override readonly name = 'RatioError';
  readonly code: RatioErrorCode;
  constructor(code: RatioErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * `n/d` in lowest terms with a positive denominator.
 *
 * @throws RatioError `zero-denominator`.
 * @example ratio(6n, -4n) // { n: -3n, d: 2n }
 */
export function ratio(n: bigint, d = 1n): Ratio {
  if (d === 1n) return { n, d };
  if (d === 0n) throw new RatioError('zero-denominator', 'the denominator of a ratio is 0');
  const divisor = d < 0n ? -gcd(n, d) : gcd(n, d);
  return { n: n / divisor, d: d / divisor };
}

/** Exact sum. */
export function addRatio(a: Ratio, b: Ratio): Ratio {
  return a.d === b.d ? ratio(a.n + b.n, a.d) : ratio(a.n * b.d + b.n * a.d, a.d * b.d);
}

/** Exact difference `a - b`. */
export function subRatio(a: Ratio, b: Ratio): Ratio {
  return a.d === b.d ? ratio(a.n - b.n, a.d) : ratio(a.n * b.d - b.n * a.d, a.d * b.d);
}

/** Exact product. */
export function mulRatio(a: Ratio, b: Ratio): Ratio {
  return ratio(a.n * b.n, a.d * b.d);
}

/**
 * Exact quotient `a / b`.
 *
 * @throws RatioError `zero-denominator` when `b` is 0.
 */
export function divRatio(a: Ratio, b: Ratio): Ratio {
  return ratio(a.n * b.d, a.d * b.n);
}

/** Order by value: -1 when `a < b`, 0 when equal, 1 when `a > b`. */
export function compareRatio(a: Ratio, b: Ratio): -1 | 0 | 1 {
  const left = a.n * b.d;
  const right = b.n * a.d;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Largest whole number not above `r`. */
export function floorRatio(r: Ratio): bigint {
  return floorDiv(r.n, r.d);
}

/** Smallest whole number not below `r`. */
export function ceilRatio(r: Ratio): bigint {
  return ceilDiv(r.n, r.d);
}
