import type { HeartbeatRequest } from '@lp/protocol';
import { simulatedClock } from '@lp/runtime/testing';
import { expect, it } from 'vitest';
import { RunnerTable } from './runner-table.ts';

const request: HeartbeatRequest = {
  runner_id: 'mine',
  runner_url: 'http://127.0.0.1:1',
  app: 'a',
  mode: 'persistent',
  capacity: 1,
};

it('goes through the states of a dynamic runner (live-runner.md section 4.2)', async () => {
  const clock = simulatedClock();
  const table = new RunnerTable({ clock, secret: 'bootstrap', ttlMs: 20_000 });
  expect(table.beat(request, 'guess')).toMatchObject({
    status: 401,
    message: 'invalid registration authorization',
  });
  const created = table.beat(request, 'bootstrap');
  if (created.status !== 200) throw new Error('not created');
  expect(created.created).toBe(true);
  const { secret } = created.runner;
  expect(table.beat(request, 'bootstrap')).toMatchObject({
    status: 401,
    message: 'invalid heartbeat authorization',
  });
  await clock.advance(15_000);
  expect(table.beat({ ...request, capacity: 3 }, secret)).toMatchObject({ status: 200, created: false });
  expect(table.alive('mine')?.request.capacity).toBe(3);
  await clock.advance(20_001);
  expect(table.alive('mine')).toBeUndefined();
  for (const authorization of ['bootstrap', secret]) {
    expect(table.beat(request, authorization)).toMatchObject({ status: 404, message: 'runner not found' });
  }
  expect(table.expired()).toHaveLength(1);
  table.remove('mine');
  const again = table.beat(request, 'bootstrap');
  expect(again).toMatchObject({ status: 200, created: true });
  expect(again.status === 200 && again.runner.secret).not.toBe(secret);
});
