import { describe, test } from 'vitest';
import { checkBounds, runOf } from '../test/bounds.ts';
import { NO_FAULTS } from './testing/index.ts';

const SEEDS = 100;
const batches = Array.from({ length: 30 }, (_, batch) => batch);

describe('bounds of funding.md section 3, thousands of seeds', () => {
  test.each(batches)('Go signer, explicit units, batch %i', async (batch) => {
    for (let i = 0; i < SEEDS; i++) await checkBounds(runOf(10_000 + batch * SEEDS + i, 180, 'explicit'));
  });

  test.each(batches.slice(0, 10))('Go signer, typed payments, batch %i', async (batch) => {
    for (let i = 0; i < SEEDS; i++) await checkBounds(runOf(50_000 + batch * SEEDS + i, 180, 'typed'));
  });

  test.each(batches.slice(0, 15))('our signer, batch %i', async (batch) => {
    for (let i = 0; i < SEEDS; i++) await checkBounds(runOf(100_000 + batch * SEEDS + i, 180, 'lead'));
  });

  test('an hour, past the life of params and tokens', async () => {
    for (let seed = 0; seed < 8; seed++) {
      await checkBounds(runOf(90_000 + seed, 3_600, 'explicit'));
      await checkBounds(runOf(91_000 + seed, 3_600, 'lead'));
    }
  });

  test.each([0.1, 60])('our signer, an hour at tickets of %s s', async (evSeconds) => {
    await checkBounds({
      seed: 7,
      seconds: 3_600,
      faults: NO_FAULTS,
      evSeconds,
      units: 'lead',
      disturb: false,
    });
  });
});
