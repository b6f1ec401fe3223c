import { type Ratio, RatioError, ratio } from './ratio.ts';

/** Longest text that `parseRatio` reads, in characters. */
export const MAX_RATIO_TEXT = 2048;
/** Largest absolute exponent that `parseRatio` reads. */
export const MAX_RATIO_EXPONENT = 256;

const FRACTION = /^(-?[0-9]+)\/([0-9]+)$/;
const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,9}))?$/;

/**
 * Exact value of `'500/1'`, `'500'`, `'1.25'` or `'1e-3'`; a leading minus is allowed, white space is not.
 *
 * @throws RatioError `malformed`; `zero-denominator`; `too-long` above 2048 characters;
 *   `exponent-out-of-range` beyond 256 either way.
 * @example parseRatio('1.25') // { n: 5n, d: 4n }
 */
export function parseRatio(text: string): Ratio {
  if (text.length > MAX_RATIO_TEXT) {
    throw new RatioError('too-long', `a ratio is written in at most ${MAX_RATIO_TEXT} characters`);
  }
  const fraction = FRACTION.exec(text);
  if (fraction?.[1] !== undefined && fraction[2] !== undefined) {
    return ratio(BigInt(fraction[1]), BigInt(fraction[2]));
  }
  const decimal = DECIMAL.exec(text);
  if (decimal === null) throw malformed();
  const [, sign, whole = '', decimals = '', exponentText = '0'] = decimal;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_RATIO_EXPONENT) {
    throw new RatioError(
      'exponent-out-of-range',
      `the exponent of a ratio is between -${MAX_RATIO_EXPONENT} and ${MAX_RATIO_EXPONENT}`,
    );
  }
  const digits = BigInt(whole + decimals);
  const scale = exponent - decimals.length;
  const n = sign === '-' ? -digits : digits;
  return scale >= 0 ? ratio(n * 10n ** BigInt(scale)) : ratio(n, 10n ** BigInt(-scale));
}

/** `'500'` for a whole number, `'125/7'` otherwise: Go's `RatString`, readable by `parseRatio`. */
export function formatRatio(r: Ratio): string {
  return r.d === 1n ? r.n.toString() : `${r.n}/${r.d}`;
}

function malformed(): RatioError {
  return new RatioError('malformed', "write a ratio as '500/1', '500', '1.25' or '1e-3'");
}
