import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyedLock } from './keyed-lock.ts';

const never = new AbortController().signal;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('one holder at a time per key, in order, whatever keys and durations', async () => {
  const jobs = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(3), fails: fc.boolean() }),
    {
      maxLength: 20,
    },
  );
  await fc.assert(
    fc.asyncProperty(jobs, async (list) => {
      const lock = new KeyedLock();
      const holding = new Set<string>();
      const order: Record<string, number[]> = {};
      await Promise.allSettled(
        list.map(({ key, turns, fails }, index) =>
          lock.run(key, never, async () => {
            expect(holding.has(key)).toBe(false);
            holding.add(key);
            for (let left = turns; left > 0; left--) await turn();
            holding.delete(key);
            (order[key] ??= []).push(index);
            if (fails) throw new Error('work failed');
          }),
        ),
      ).then((results) => {
        for (const [index, result] of results.entries()) {
          expect(result.status).toBe(list[index]?.fails === true ? 'rejected' : 'fulfilled');
        }
      });
      for (const indexes of Object.values(order)) expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
      await turn();
      expect(lock.size).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('keys do not wait for each other', async () => {
  const lock = new KeyedLock();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const slow = lock.run('a', never, () => held);
  await expect(lock.run('b', never, async () => 'done')).resolves.toBe('done');
  release();
  await slow;
});

test('a waiter that gives up does not let the next one in early', async () => {
  const lock = new KeyedLock();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const first = lock.run('a', never, () => held);
  const impatient = new AbortController();
  const second = lock.run('a', impatient.signal, () => Promise.reject(new Error('must not run')));
  const events: string[] = [];
  const third = lock.run('a', never, async () => void events.push('third'));
  impatient.abort(new Error('too long'));
  await expect(second).rejects.toThrow('too long');
  await turn();
  expect(events).toEqual([]);
  release();
  await Promise.all([first, third]);
  expect(events).toEqual(['third']);
});

test('an aborted signal is refused although nobody holds the key', async () => {
  const lock = new KeyedLock();
  const aborted = AbortSignal.abort(new Error('gone'));
  await expect(lock.run('a', aborted, async () => 1)).rejects.toThrow('gone');
  await turn();
  expect(lock.size).toBe(0);
});
