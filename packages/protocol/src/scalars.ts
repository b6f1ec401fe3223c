import * as z from 'zod/mini';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { JsonDecimal } from './json.ts';
import type { Hex } from './types.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A check that words its own complaint. */
export function rule<T>(test: (value: T) => boolean, message: string): z.core.$ZodCheck<T> {
  return z.refine(test, { error: message, abort: true });
}

/** A whole number from JSON, exact: `number` when safe, else `bigint`. */
const jsonInteger = z.unknown().check(
  z.refine((value) => typeof value === 'bigint' || Number.isSafeInteger(value), {
    error: 'must be a whole number without fraction or exponent',
    abort: true,
  }),
);

/** int64: JSON integer to `bigint`. Fractions, exponents and strings are refused, as in Go. */
export const int64 = z.codec(
  jsonInteger,
  z
    .bigint()
    .check(rule((value) => value >= INT64_MIN && value <= INT64_MAX, 'must fit a signed 64-bit integer')),
  { decode: (value) => BigInt(value as number | bigint), encode: (value) => value },
);

/** uint32: JSON integer to `number`. */
export const uint32 = z
  .int()
  .check(rule((value) => value >= 0 && value <= 0xffff_ffff, 'must be from 0 to 4294967295'));

/** `0x` and 40 hex digits, any case in, lower case out (EIP-55 is not checked). */
export const hexAddress = z.codec(
  z.string().check(z.regex(/^0x[0-9a-fA-F]{40}$/, { error: 'must be 0x and 40 hex digits' })),
  z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)),
  {
    // The pattern above makes it a Hex.
    decode: (text) => text.toLowerCase() as Hex,
    encode: (address) => address,
  },
);

/** Standard padded base64 to bytes; CR and LF inside are skipped, as Go's JSON does. */
export const base64Bytes = z.codec(
  z.string(),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  {
    decode: (text, context) => {
      try {
        return decodeBase64(text, { lineBreaks: 'skip' });
      } catch {
        context.issues.push({ code: 'custom', input: text, message: 'must be standard base64 with padding' });
        return z.NEVER;
      }
    },
    encode: (bytes) => encodeBase64(bytes),
  },
);

/** Wei as a decimal string, to `bigint`: not negative, at most 78 digits. */
export const weiText = z.codec(
  z.string().check(z.regex(/^(?:0|[1-9]\d{0,77})$/, { error: 'must be wei as a decimal string' })),
  z.bigint().check(rule((value) => value >= 0n, 'must not be negative')),
  { decode: (text) => BigInt(text), encode: (wei) => wei.toString() },
);

/**
 * A decimal that Go reads from a JSON number or a numeric string, to its text, untouched and exact: `0.5`, `1e-7`.
 * Written back as a bare number.
 */
export const decimalText = z.codec(
  z.unknown(),
  z
    .string()
    .check(
      rule(
        (text) => text.length <= 128 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?$/.test(text),
        'must be a decimal',
      ),
    ),
  {
    decode: (value, context) => {
      if (typeof value === 'string') return value.trim();
      if (typeof value === 'number' || typeof value === 'bigint' || value instanceof JsonDecimal)
        return value.toString();
      context.issues.push({ code: 'custom', input: value, message: 'must be a decimal' });
      return z.NEVER;
    },
    encode: (text) => new JsonDecimal(text),
  },
);
