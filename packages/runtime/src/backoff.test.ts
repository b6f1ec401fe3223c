import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff } from './backoff.ts';
import { seededRandom } from './testing/index.ts';

const fixed = (byte: number) => ({ bytes: (length: number) => new Uint8Array(length).fill(byte) });

test('doubles its upper bound up to the maximum', () => {
  const upper = [0, 1, 2, 3, 4, 2_000].map((attempt) =>
    Math.round(backoff(attempt, { baseMs: 100, maxMs: 1_000, random: fixed(255) })),
  );
  expect(upper).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(backoff(5, { baseMs: 100, maxMs: 1_000, random: fixed(0) })).toBe(0);
});

test('stays inside [0, bound)', () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.integer(), (attempt, seed) => {
      const wait = backoff(attempt, { baseMs: 10, maxMs: 5_000, random: seededRandom(seed) });
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(Math.min(5_000, 10 * 2 ** attempt));
    }),
  );
});

test('jitter spreads over the whole range', () => {
  const random = seededRandom(1);
  const waits = Array.from({ length: 1_000 }, () => backoff(0, { baseMs: 1, maxMs: 1, random }));
  expect(Math.min(...waits)).toBeLessThan(0.05);
  expect(Math.max(...waits)).toBeGreaterThan(0.95);
});
