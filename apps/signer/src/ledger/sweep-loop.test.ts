import type { Clock } from '@lp/runtime';
import { simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { sweepNowAndThen } from './sweep-loop.ts';

const START_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const silent = { info: () => {}, error: () => {} };

/** A sweep that notes for which time it was asked, under a wall clock that may jump. */
function sweeping() {
  const time = simulatedClock({ startMs: START_MS });
  const wall = { offsetMs: 0 };
  const clock: Clock = {
    wallMs: () => time.wallMs() + wall.offsetMs,
    monotonicNs: () => time.monotonicNs(),
    sleep: (ms, signal) => time.sleep(ms, signal),
  };
  const asked: number[] = [];
  const stop = new AbortController();
  const sweep = async (nowMs: number) => {
    asked.push(nowMs - START_MS);
    return { released: 0, forgotten: 0 };
  };
  const ended = sweepNowAndThen({ sweep }, { clock, signal: stop.signal, log: silent });
  return { time, wall, asked, end: () => (stop.abort(), ended) };
}

test('sweeps with the time of the clock', async () => {
  const { time, asked, end } = sweeping();
  await time.advance(30_000);
  expect(asked).toEqual([10_000, 20_000, 30_000]);
  await end();
});

test('a clock that jumps ahead and comes back makes nothing forgotten early', async () => {
  const { time, wall, asked, end } = sweeping();
  await time.advance(10_000);
  wall.offsetMs = 30 * DAY_MS;
  await time.advance(60_000);
  expect(asked.at(-1)).toBe(10_000 + 2 * 60_000);
  wall.offsetMs = 0;
  await time.advance(10_000);
  expect(asked.at(-1)).toBe(80_000);
  await end();
});

test('a clock that was behind at the start is caught up with', async () => {
  const { time, wall, asked, end } = sweeping();
  wall.offsetMs = 50_000;
  await time.advance(60_000);
  expect(asked.at(-1)).toBe(110_000);
  await end();
});
