import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { createServer } from './create-server.ts';
import { type Check, healthRoutes, readiness } from './health.ts';
import { createLogger } from './logger.ts';

const log = createLogger({ name: 'test', level: 'silent' });

describe('readiness', () => {
  it('gives the reason of each check that fails or throws', async () => {
    const checks: Record<string, Check> = {
      fine: () => ({ ok: true }),
      down: () => ({ ok: false, reason: 'no route' }),
      broken: () => {
        throw new Error('it broke');
      },
    };
    expect(await readiness({ checks, clock: simulatedClock() })).toEqual({
      status: 'not-ready',
      checks: {
        fine: { ok: true },
        down: { ok: false, reason: 'no route' },
        broken: { ok: false, reason: 'it broke' },
      },
    });
  });

  it('does not wait for a check longer than the deadline, and tells it to stop', async () => {
    const clock = simulatedClock();
    let stopped = false;
    const hang: Check = (signal) =>
      new Promise(() =>
        signal.addEventListener('abort', () => {
          stopped = true;
        }),
      );
    const result = await clock.runUntil(readiness({ checks: { hang }, clock, timeoutMs: 500 }));
    expect(result.checks['hang']).toEqual({ ok: false, reason: 'no answer within 500 ms' });
    expect([stopped, clock.pending]).toEqual([true, 0]);
  });
});

describe('healthRoutes', () => {
  it('answers 200 or 503 with the reasons, and asks the checks at most once a second', async () => {
    const clock = simulatedClock();
    let up = false;
    let asked = 0;
    await using server = createServer({ log });
    healthRoutes(server, {
      clock,
      checks: {
        peer: () => {
          asked += 1;
          return up ? { ok: true } : { ok: false, reason: 'down' };
        },
      },
    });
    expect((await server.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const first = await server.inject('/readyz');
    expect([first.statusCode, first.json()]).toEqual([
      503,
      { status: 'not-ready', checks: { peer: { ok: false, reason: 'down' } } },
    ]);
    up = true;
    expect((await server.inject('/readyz')).statusCode).toBe(503);
    await clock.advance(1000);
    expect((await server.inject('/readyz')).statusCode).toBe(200);
    expect(asked).toBe(2);
  });
});
