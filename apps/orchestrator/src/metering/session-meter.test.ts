import { readFileSync } from 'node:fs';
import { simulatedClock } from '@lp/runtime/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MeterEnd, runMeter } from './session-meter.ts';

const go = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/pm-go-tests.json', import.meta.url), 'utf8'),
);

function start(options: { intervalMs?: number; unitsPerSecond?: bigint; budget?: bigint } = {}) {
  const clock = simulatedClock();
  const stopping = new AbortController();
  const debits: { atMs: number; units: bigint }[] = [];
  let left = options.budget ?? 10n ** 30n;
  let end: MeterEnd | undefined;
  const startMs = clock.wallMs();
  const done = runMeter({
    clock,
    intervalMs: options.intervalMs ?? 5_000,
    unitsPerSecond: options.unitsPerSecond ?? 1n,
    signal: stopping.signal,
    debit(units) {
      if (left < units) return false;
      left -= units;
      debits.push({ atMs: clock.wallMs() - startMs, units });
      return true;
    },
  });
  void done.then((value) => {
    end = value;
  });
  return { clock, stop: () => stopping.abort(), debits, done, ended: () => end };
}

const total = (debits: { units: bigint }[]) => debits.reduce((sum, debit) => sum + debit.units, 0n);

describe('runMeter', () => {
  it('debits every interval, in arrears', async () => {
    const run = start();
    await run.clock.advance(4_999);
    expect(run.debits).toEqual([]);
    await run.clock.advance(10_001);
    expect(run.debits).toEqual([
      { atMs: 5_000, units: 5n },
      { atMs: 10_000, units: 5n },
      { atMs: 15_000, units: 5n },
    ]);
    run.stop();
    expect(await run.done).toBe('stopped');
    expect(run.clock.pending).toBe(0);
  });

  it.each(go.livePaymentProcessor.vectors as Record<string, number>[])(
    'bills $expectedBilledUnits units for one interval of $elapsedMs ms',
    async (row) => {
      const run = start({ intervalMs: row.elapsedMs!, unitsPerSecond: BigInt(row.unitsPerSecond!) });
      await run.clock.advance(row.elapsedMs!);
      expect(total(run.debits)).toBe(BigInt(row.expectedBilledUnits!));
      run.stop();
      await run.done;
    },
  );

  it('carries fractions: two intervals of 10.5 s make 21 units', async () => {
    const run = start({ intervalMs: 10_500 });
    await run.clock.advance(10_500);
    expect(total(run.debits)).toBe(10n);
    await run.clock.advance(10_500);
    expect(total(run.debits)).toBe(BigInt(go.livePaymentProcessor.carry.expectedTotalUnits));
    run.stop();
    await run.done;
  });

  it('ends at the first debit that is refused', async () => {
    const run = start({ budget: 12n });
    await run.clock.advance(60_000);
    expect(total(run.debits)).toBe(10n);
    expect(run.ended()).toBe('insufficient-balance');
    expect(run.clock.pending).toBe(0);
  });

  it('charges nothing after a stop, not even a full interval that is due', async () => {
    const run = start();
    await run.clock.advance(9_999);
    run.stop();
    await run.clock.advance(60_000);
    expect(total(run.debits)).toBe(5n);
    expect(run.ended()).toBe('stopped');
  });

  it('bills whole seconds of elapsed time whatever the interval', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 100, max: 20_000 }),
        fc.integer({ min: 0, max: 120_000 }),
        async (t, ms) => {
          const run = start({ intervalMs: t });
          await run.clock.advance(ms);
          const billed = Number(total(run.debits));
          expect(billed * 1000).toBeLessThanOrEqual(ms);
          expect(ms - billed * 1000).toBeLessThan(t + 1000);
          run.stop();
          await run.done;
        },
      ),
      { numRuns: 25 },
    );
  });
});
