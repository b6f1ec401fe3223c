import { expect, it } from 'vitest';
import { Backlog } from '../src/backlog.ts';

it('drops the oldest and counts them', async () => {
  const backlog = new Backlog<number>(3);
  for (const entry of [1, 2, 3, 4, 5]) backlog.push(entry);
  backlog.end();
  backlog.push(6);
  const rest: number[] = [];
  for await (const entry of backlog) rest.push(entry);
  expect(rest).toEqual([3, 4, 5]);
  expect(backlog.dropped).toBe(2);
});

it('hands entries to a reader that waits', async () => {
  const backlog = new Backlog<string>(1);
  const reading = (async () => {
    const seen: string[] = [];
    for await (const entry of backlog) seen.push(entry);
    return seen;
  })();
  for (const entry of ['a', 'b']) {
    await new Promise((resolve) => setImmediate(resolve));
    backlog.push(entry);
  }
  await new Promise((resolve) => setImmediate(resolve));
  backlog.end();
  expect(await reading).toEqual(['a', 'b']);
  expect(backlog.dropped).toBe(0);
});
