import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { ceilDiv, floorDiv, gcd } from './integer.ts';
import {
  addRatio,
  ceilRatio,
  compareRatio,
  divRatio,
  floorRatio,
  mulRatio,
  type Ratio,
  RatioError,
  ratio,
  subRatio,
} from './ratio.ts';

const integer = fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n });
const nonZero = integer.filter((n) => n !== 0n);
const anyRatio = fc.tuple(integer, nonZero).map(([n, d]) => ratio(n, d));

const oracle = (r: Ratio) => new Fraction(r.n, r.d);
const plain = (f: Fraction) => ({ n: f.s * f.n, d: f.d });

describe('ratio', () => {
  it('is in lowest terms with a positive denominator', () => {
    expect(ratio(6n, -4n)).toEqual({ n: -3n, d: 2n });
    expect(ratio(0n, -7n)).toEqual({ n: 0n, d: 1n });
    fc.assert(
      fc.property(integer, nonZero, (n, d) => {
        const r = ratio(n, d);
        expect(r.d > 0n && gcd(r.n, r.d) === 1n && r.n * d === n * r.d).toBe(true);
      }),
    );
  });

  it('refuses a zero denominator', () => {
    expect(() => ratio(1n, 0n)).toThrow(expect.objectContaining({ code: 'zero-denominator' }));
    expect(() => divRatio(ratio(1n), ratio(0n))).toThrow(RatioError);
  });

  it('agrees with fraction.js on every operation', () => {
    fc.assert(
      fc.property(anyRatio, anyRatio, (a, b) => {
        expect(addRatio(a, b)).toEqual(plain(oracle(a).add(oracle(b))));
        expect(subRatio(a, b)).toEqual(plain(oracle(a).sub(oracle(b))));
        expect(mulRatio(a, b)).toEqual(plain(oracle(a).mul(oracle(b))));
        if (b.n !== 0n) expect(divRatio(a, b)).toEqual(plain(oracle(a).div(oracle(b))));
        expect(compareRatio(a, b)).toBe(oracle(a).compare(oracle(b)));
      }),
    );
  });

  it('compares fractions that are not reduced', () => {
    expect(compareRatio({ n: 2n, d: 2n }, { n: 1n, d: 1n })).toBe(0);
    expect(compareRatio(ratio(-1n, 3n), ratio(-1n, 2n))).toBe(1);
  });
});

describe('rounding', () => {
  it('goes down with floor and up with ceil, on both sides of zero', () => {
    expect([floorDiv(7n, 2n), floorDiv(-7n, 2n), floorDiv(7n, -2n), floorDiv(-7n, -2n)]).toEqual([
      3n,
      -4n,
      -4n,
      3n,
    ]);
    expect([ceilDiv(7n, 2n), ceilDiv(-7n, 2n), ceilDiv(7n, -2n), ceilDiv(-7n, -2n)]).toEqual([
      4n,
      -3n,
      -3n,
      4n,
    ]);
    expect([floorDiv(0n, -3n), ceilDiv(0n, -3n), floorDiv(-6n, 3n), ceilDiv(-6n, 3n)]).toEqual([
      0n,
      0n,
      -2n,
      -2n,
    ]);
  });

  it('brackets the value within one', () => {
    fc.assert(
      fc.property(integer, nonZero, (n, d) => {
        const [down, up] = [ratio(floorDiv(n, d)), ratio(ceilDiv(n, d))];
        expect(compareRatio(down, ratio(n, d)) <= 0 && compareRatio(ratio(n, d), up) <= 0).toBe(true);
        expect(up.n - down.n).toBe(n % d === 0n ? 0n : 1n);
        expect([floorRatio(ratio(n, d)), ceilRatio(ratio(n, d))]).toEqual([down.n, up.n]);
      }),
    );
  });
});
