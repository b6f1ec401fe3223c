import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimulationStuckError, simulatedClock } from './simulated-clock.ts';

test('timers fire in order of due time, then of creation', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 30 }), async (delays) => {
      const clock = simulatedClock();
      const fired: [number, number][] = [];
      delays.forEach((ms, index) => void clock.sleep(ms).then(() => fired.push([ms, index])));
      await clock.advance(20);
      expect(fired).toEqual([...fired].sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      expect(fired).toHaveLength(delays.length);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('code between timers sees the time of its own timer', async () => {
  const clock = simulatedClock({ startMs: 1_000 });
  const seen: number[] = [];
  const loop = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10);
      await Promise.resolve().then(() => Promise.resolve());
      seen.push(clock.wallMs());
    }
  };
  const done = loop();
  await clock.advance(100);
  await done;
  expect(seen).toEqual([1_010, 1_020, 1_030]);
  expect(clock.wallMs()).toBe(1_100);
  expect(clock.monotonicNs()).toBe(100_000_000n);
});

test('an aborted sleep rejects and leaves no timer', async () => {
  const clock = simulatedClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(10, controller.signal);
  controller.abort('stop');
  await expect(sleeping).rejects.toBe('stop');
  expect(clock.pending).toBe(0);
});

test('runUntil runs as far as needed and gives the outcome', async () => {
  const clock = simulatedClock({ startMs: 0 });
  const work = async (): Promise<string> => {
    await clock.sleep(3_600_000);
    await new Promise(setImmediate);
    return 'done';
  };
  void clock.sleep(7_200_000);
  expect(await clock.runUntil(work())).toBe('done');
  expect(clock.wallMs()).toBe(3_600_000);
  await expect(clock.runUntil(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('runUntil waits for work outside the clock', async () => {
  const clock = simulatedClock();
  const digest = clock.runUntil(crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000)));
  expect((await digest).byteLength).toBe(32);
});

test('runUntil stops at its limit', async () => {
  const clock = simulatedClock();
  const forever = async (): Promise<void> => {
    for (;;) await clock.sleep(1_000);
  };
  await expect(clock.runUntil(forever(), { limitMs: 60_000 })).rejects.toBeInstanceOf(SimulationStuckError);
});

test('a jump of the wall clock leaves timers alone', async () => {
  const clock = simulatedClock({ startMs: 0 });
  let fired = false;
  void clock.sleep(100).then(() => {
    fired = true;
  });
  clock.jumpWall(-5_000);
  await clock.advance(99);
  expect([fired, clock.wallMs()]).toEqual([false, -4_901]);
  await clock.advance(1);
  expect(fired).toBe(true);
});
