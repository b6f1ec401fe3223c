import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import { meter } from './meter.ts';

const NS = 1_000_000_000n;
const start = (fromNs = 0n) => ({ fromNs, remainder: 0n });

/** Units of all readings, one after the other. */
function readAll(unitsPerSecond: bigint, readings: readonly bigint[], fromNs = 0n): bigint {
  let state = start(fromNs);
  let sum = 0n;
  for (const now of readings) {
    const { units, next } = meter(state, unitsPerSecond, now);
    sum += units;
    state = next;
  }
  return sum;
}

describe('meter', () => {
  it.each(vectors.livePaymentProcessor.vectors)(
    '$unitsPerSecond units per second for $elapsedMs ms',
    ({ unitsPerSecond, elapsedMs, expectedBilledUnits, expectedClockAdvanceMs }) => {
      const rate = BigInt(unitsPerSecond);
      const { units, next } = meter(start(), rate, BigInt(elapsedMs) * 1_000_000n);
      expect(units).toBe(BigInt(expectedBilledUnits));
      // Upstream moves its clock by the billed time only; here the clock moves and the rest is carried.
      expect(next.fromNs - next.remainder / rate).toBe(BigInt(expectedClockAdvanceMs) * 1_000_000n);
    },
  );

  it('carries: two readings 10.5 s apart', () => {
    expect(readAll(1n, [10_500_000_000n, 21_000_000_000n])).toBe(
      BigInt(vectors.livePaymentProcessor.carry.expectedTotalUnits),
    );
    expect(meter(start(), 1n, 10_500_000_000n).units).toBe(10n);
  });

  it('follows the table of ticks in live-runner.md section 8.3', () => {
    expect(readAll(1n, [5_000_400_000n])).toBe(5n);
    expect(readAll(1n, [5_000_400_000n, 10_000_400_000n, 15_000_400_000n])).toBe(15n);
  });

  const rate = fc.constantFrom(1n, 7n, 27_648_000n, NS);
  const gap = fc.bigInt({ min: 0n, max: 10n ** 14n });

  it('counts trunc(total) over any partition of the time', () => {
    fc.assert(
      fc.property(rate, gap, fc.array(gap, { maxLength: 30 }), (unitsPerSecond, from, gaps) => {
        let now = from;
        const readings = gaps.map((step) => (now += step));
        expect(readAll(unitsPerSecond, readings, from)).toBe(((now - from) * unitsPerSecond) / NS);
      }),
    );
  });

  it('counts 0 on backward time and loses nothing by it', () => {
    fc.assert(
      fc.property(rate, fc.array(gap, { minLength: 1, maxLength: 20 }), (unitsPerSecond, readings) => {
        const latest = readings.reduce((a, b) => (a > b ? a : b));
        expect(readAll(unitsPerSecond, readings)).toBe((latest * unitsPerSecond) / NS);
      }),
    );
    const state = { fromNs: 5n * NS, remainder: 3n };
    expect(meter(state, 1n, 4n * NS)).toEqual({ units: 0n, next: state });
    expect(meter(state, 1n, 5n * NS)).toEqual({ units: 0n, next: state });
  });

  it('keeps the remainder below one unit and does not change its input', () => {
    fc.assert(
      fc.property(rate, gap, fc.bigInt({ min: 0n, max: NS - 1n }), (unitsPerSecond, now, remainder) => {
        const state = Object.freeze({ fromNs: 0n, remainder });
        const { next } = meter(state, unitsPerSecond, now);
        expect(next.remainder >= 0n && next.remainder < NS).toBe(true);
      }),
    );
  });
});
