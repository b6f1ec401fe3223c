import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { RatioError, ratio } from './ratio.ts';
import { formatRatio, MAX_RATIO_TEXT, parseRatio } from './ratio-text.ts';

describe('parseRatio', () => {
  it.each([
    ['500/1', 500n, 1n],
    ['500', 500n, 1n],
    ['1.25', 5n, 4n],
    ['1e-3', 1n, 1000n],
    ['125/7', 125n, 7n],
    ['6/4', 3n, 2n],
    ['-5', -5n, 1n],
    ['-0.5', -1n, 2n],
    ['-3/9', -1n, 3n],
    ['0', 0n, 1n],
    ['-0', 0n, 1n],
    ['007', 7n, 1n],
    ['1.50E+2', 150n, 1n],
    ['7.2e-12', 9n, 1_250_000_000_000n],
    ['9223372036854775807', 9_223_372_036_854_775_807n, 1n],
  ])('reads %s', (text, n, d) => {
    expect(parseRatio(text)).toEqual({ n, d });
  });

  it.each([
    '',
    ' ',
    ' 1',
    '1 ',
    '1\n',
    '+1',
    '.5',
    '5.',
    '1/',
    '/1',
    '1/-2',
    '1.5/2',
    '1/2/3',
    '0x10',
    '1_000',
    '1,5',
    'NaN',
    'Infinity',
    'wat',
    '--1',
    '1e',
    '1e1.5',
    'e5',
    '١',
  ])('refuses %j', (text) => {
    expect(() => parseRatio(text)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  it('is bounded in length and exponent', () => {
    expect(() => parseRatio('1'.repeat(MAX_RATIO_TEXT + 1))).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
    expect(parseRatio('9'.repeat(MAX_RATIO_TEXT)).n).toBe(10n ** BigInt(MAX_RATIO_TEXT) - 1n);
    expect(parseRatio('1e256')).toEqual(ratio(10n ** 256n));
    expect(parseRatio('1e-256')).toEqual(ratio(1n, 10n ** 256n));
    for (const text of ['1e257', '1e-257', '1e999999999']) {
      expect(() => parseRatio(text)).toThrow(expect.objectContaining({ code: 'exponent-out-of-range' }));
    }
    expect(() => parseRatio('1e9999999999')).toThrow(RatioError);
    expect(() => parseRatio('1/0')).toThrow(expect.objectContaining({ code: 'zero-denominator' }));
  });

  it('reads back what formatRatio writes', () => {
    const term = fc.bigInt({ min: -(2n ** 512n), max: 2n ** 512n });
    fc.assert(
      fc.property(term, term, (n, d) => {
        const r = ratio(n, d === 0n ? 1n : d);
        expect(parseRatio(formatRatio(r))).toEqual(r);
      }),
    );
  });

  it('agrees with fraction.js on decimals', () => {
    const digits = (max: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: 1, maxLength: max });
    fc.assert(
      fc.property(
        fc.boolean(),
        digits(30),
        digits(30),
        fc.integer({ min: -40, max: 40 }),
        (minus, a, b, e) => {
          const text = `${minus ? '-' : ''}${a}.${b}`;
          const expected = new Fraction(text).mul(new Fraction(10).pow(e) ?? 0);
          expect(parseRatio(`${text}e${e}`)).toEqual({ n: expected.s * expected.n, d: expected.d });
        },
      ),
    );
  });

  it('throws nothing but RatioError', () => {
    const numeric = fc.string({ unit: fc.constantFrom(...'0123456789.-+/eE '.split('')), maxLength: 24 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), numeric), (text) => {
        try {
          parseRatio(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RatioError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
