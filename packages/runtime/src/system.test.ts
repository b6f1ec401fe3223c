import { expect, test } from 'vitest';
import { systemClock } from './system-clock.ts';
import { systemRandom } from './system-random.ts';

test('sleep ends, and rejects with the reason of its signal', async () => {
  await systemClock.sleep(0);
  await systemClock.sleep(-5);
  const controller = new AbortController();
  const reason = new Error('stop');
  const sleeping = systemClock.sleep(2 ** 40, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(systemClock.sleep(0, controller.signal)).rejects.toBe(reason);
});

test('monotonic time does not run backwards', () => {
  const first = systemClock.monotonicNs();
  expect(systemClock.monotonicNs()).toBeGreaterThanOrEqual(first);
  expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(60_000);
});

test('random bytes come in any length', () => {
  expect(systemRandom.bytes(0)).toHaveLength(0);
  const many = systemRandom.bytes(200_000);
  expect(many).toHaveLength(200_000);
  // The tail beyond one Web Crypto request is filled too.
  expect(many.subarray(150_000).some((byte) => byte !== 0)).toBe(true);
});
