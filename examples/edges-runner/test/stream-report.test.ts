import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, it } from 'vitest';
import { StreamReport } from '../src/stream-report.ts';

it('tells counts when they change, at most once a second, and else that it is alive', async () => {
  const clock = simulatedClock({ startMs: 0, turns: 10 });
  const told: [number, unknown][] = [];
  const transport = routeTransport(
    ({ method, body }) => {
      if (method === 'POST') told.push([Math.round(clock.wallMs() / 1000), JSON.parse(textOf(body))]);
      return {};
    },
    { clock },
  );
  let sent = 0;
  const counts = () => ({ received: sent, sent, dropped: 0, bad: 0, lostSegments: 0 });
  const report = new StreamReport('http://orchestrator.test/ai/trickle/events', { clock, transport, counts });
  const stop = new AbortController();
  const running = report.run(stop.signal);
  await clock.advance(3_500);
  sent = 7;
  await clock.advance(22_000);
  stop.abort();
  await clock.runUntil(running);
  await clock.runUntil(report.end('shutdown'));
  expect(told).toEqual([
    [0, { type: 'stats', received: 0, sent: 0, dropped: 0, bad: 0, lostSegments: 0 }],
    [4, { type: 'stats', received: 7, sent: 7, dropped: 0, bad: 0, lostSegments: 0 }],
    [14, { keep: 'alive' }],
    [24, { keep: 'alive' }],
    [26, { type: 'ended', reason: 'shutdown', received: 7, sent: 7, dropped: 0, bad: 0, lostSegments: 0 }],
  ]);
  expect(clock.pending).toBe(0);
});

function textOf(body: Uint8Array | string | undefined): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
