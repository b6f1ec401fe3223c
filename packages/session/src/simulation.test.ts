import { describe, expect, test } from 'vitest';
import { checkBounds, runOf } from '../test/bounds.ts';

const SEEDS = 20;
const batches = Array.from({ length: 10 }, (_, batch) => batch);

describe('bounds of funding.md section 3, under its fault model', () => {
  test.each(batches)('Go signer, explicit units, batch %i', { timeout: 120_000 }, async (batch) => {
    let losses = 0;
    for (let i = 0; i < SEEDS; i++) losses += await checkBounds(runOf(batch * SEEDS + i, 120, 'explicit'));
    // Otherwise the faults were not there.
    expect(losses).toBeGreaterThan(SEEDS);
  });

  test.each(batches)('our signer, batch %i', { timeout: 120_000 }, async (batch) => {
    let losses = 0;
    for (let i = 0; i < SEEDS; i++)
      losses += await checkBounds(runOf(2_000 + batch * SEEDS + i, 120, 'lead'));
    expect(losses).toBeGreaterThan(SEEDS / 2);
  });

  test.each(batches.slice(0, 5))(
    'Go signer, typed payments, batch %i',
    { timeout: 120_000 },
    async (batch) => {
      for (let i = 0; i < SEEDS; i++) await checkBounds(runOf(1_000 + batch * SEEDS + i, 120, 'typed'));
    },
  );
});
