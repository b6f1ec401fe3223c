import { expect, test } from 'vitest';
import { DeadlineError, deadline } from './deadline.ts';
import { simulatedClock } from './testing/index.ts';

test('aborts with DeadlineError when time is up', async () => {
  const clock = simulatedClock();
  using limit = deadline(100, undefined, clock);
  await clock.advance(99);
  expect(limit.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(limit.signal.reason).toBeInstanceOf(DeadlineError);
  expect(limit.signal.reason).toMatchObject({ code: 'deadline', afterMs: 100 });
  expect(limit.expired).toBe(true);
});

test('aborts with the reason of the outer signal', () => {
  const clock = simulatedClock();
  const outer = new AbortController();
  using limit = deadline(100, outer.signal, clock);
  const reason = new Error('stop');
  outer.abort(reason);
  expect(limit.signal.reason).toBe(reason);
  expect(limit.expired).toBe(false);
  expect(clock.pending).toBe(0);
});

test('is aborted at once when the outer signal already is, and sets no timer', () => {
  const clock = simulatedClock();
  using limit = deadline(100, AbortSignal.abort('gone'), clock);
  expect(limit.signal.reason).toBe('gone');
  expect(clock.pending).toBe(0);
});

test('leaves no timer and never aborts once disposed', async () => {
  const clock = simulatedClock();
  const outer = new AbortController();
  const limit = deadline(100, outer.signal, clock);
  limit[Symbol.dispose]();
  expect(clock.pending).toBe(0);
  await clock.advance(200);
  outer.abort();
  expect(limit.signal.aborted).toBe(false);
});
