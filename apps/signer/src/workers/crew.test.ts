import { systemRandom } from '@lp/runtime';
import { simulatedClock } from '@lp/runtime/testing';
import { createLogger } from '@lp/service';
import { afterEach, expect, test } from 'vitest';
import { Crew } from './crew.ts';

const { execPath } = process;
afterEach(() => {
  process.execPath = execPath;
});

test('a worker that the system cannot start has ended, like one that dies at once', async () => {
  const failures: unknown[] = [];
  const lines: string[] = [];
  const clock = simulatedClock();
  const crew = new Crew([1, 2], {
    clock,
    random: systemRandom,
    log: createLogger({
      name: 'test',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    }),
    fail: (error) => failures.push(error),
  });
  process.execPath = '/nowhere/node';
  await expect(crew.start()).rejects.toMatchObject({ code: 'workers-failed', exitCode: 1 });
  crew.keepUp(1);
  while (failures.length === 0) await clock.advance(1_000);
  expect(failures).toMatchObject([{ message: '5 workers in a row ended before they served' }]);
});
