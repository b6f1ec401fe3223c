/**
 * Quotient rounded down (toward minus infinity). bigint `/` truncates toward zero, which differs below zero.
 *
 * @throws RangeError when `d` is 0.
 */
export function floorDiv(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d !== 0n && n < 0n !== d < 0n ? quotient - 1n : quotient;
}

/**
 * Quotient rounded up (toward plus infinity).
 *
 * @throws RangeError when `d` is 0.
 */
export function ceilDiv(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d !== 0n && n < 0n === d < 0n ? quotient + 1n : quotient;
}

/** Greatest common divisor; `gcd(0, 0)` is 0. Never negative. */
export function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
