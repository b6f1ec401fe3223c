import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

test('prints as Go does: UTC, up to nine decimals, trailing zeros cut', () => {
  expect(formatTimestamp(1_787_227_200_123_456_789n)).toBe('2026-08-20T12:00:00.123456789Z');
  expect(formatTimestamp(1_787_227_200_120_000_000n)).toBe('2026-08-20T12:00:00.12Z');
  expect(formatTimestamp(1_787_227_200_000_000_000n)).toBe('2026-08-20T12:00:00Z');
  expect(formatTimestamp(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
  expect(formatTimestamp(undefined)).toBe('0001-01-01T00:00:00Z');
});

test('reads any zone, and the zero time as no time', () => {
  expect(parseTimestamp('2026-08-20T14:00:00.5+02:00')).toBe(1_787_227_200_500_000_000n);
  expect(parseTimestamp('2026-08-20T06:30:00-05:30')).toBe(1_787_227_200_000_000_000n);
  expect(parseTimestamp('0001-01-01T00:00:00Z')).toBeUndefined();
});

test.each([
  '',
  'yesterday',
  '2026-02-30T00:00:00Z',
  '2026-08-20T24:00:00Z',
  '2026-08-20T12:60:00Z',
  '2026-08-20 12:00:00Z',
  '2026-08-20T12:00:00',
  '0000-01-01T00:00:00Z',
  '2026-08-20T12:00:00+24:00',
])('refuses %j', (text) => {
  expect(parseTimestamp(text)).toBeNull();
});

test('reads back every time it prints', () => {
  fc.assert(
    fc.property(fc.bigInt(-62_135_596_799_999_999_999n, 253_402_300_799_999_999_999n), (unixNs) => {
      expect(parseTimestamp(formatTimestamp(unixNs))).toBe(unixNs);
    }),
  );
});

test('never throws on text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseTimestamp(text) ?? 0n).toBeTypeOf('bigint');
    }),
  );
});
