import { simulatedClock } from '@lp/runtime/testing';
import { describe, expect, test } from 'vitest';
import { call, openPost } from '../../test/bare-client.ts';
import { serveTrickle } from '../../test/serve.ts';
import { until } from '../../test/until.ts';

describe('browser pages', () => {
  const origin = 'https://app.example';

  test('may use the channels where CORS allows it', async () => {
    await using served = await serveTrickle({}, { cors: [origin] });
    served.server.create('c');
    const preflight = await call('OPTIONS', `${served.base}/c/0`, { headers: { Origin: origin } });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, DELETE',
        vary: 'Origin',
      },
    });
    const read = await call('GET', `${served.base}/c/9`, { headers: { Origin: origin } });
    expect(read.status).toBe(470);
    expect(read.headers['access-control-expose-headers']).toContain('Lp-Trickle-Latest');
    const stranger = await call('GET', `${served.base}/c/next`, {
      headers: { Origin: 'https://other.example' },
    });
    expect(stranger.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('all origins with a star', async () => {
    await using served = await serveTrickle({}, { cors: '*' });
    const missing = await call('GET', `${served.base}/c/0`, { headers: { Origin: origin } });
    expect(missing).toMatchObject({ status: 404, headers: { 'access-control-allow-origin': '*' } });
  });
});

describe('interim answers', () => {
  test.each([
    ['continue', ['continue', 'continue']],
    ['processing', [102, 102]],
    ['none', []],
  ] as const)('%s', async (interim, expected) => {
    const clock = simulatedClock();
    await using served = await serveTrickle({ clock }, { interim });
    served.server.create('c');
    const writing = openPost(`${served.base}/c/0`);
    const seen: (string | number)[] = [];
    // Node reports a 100 as both events.
    writing.request.on('continue', () => seen.push('continue'));
    writing.request.on('information', ({ statusCode }) => statusCode !== 100 && seen.push(statusCode));
    await until(() => served.server.open('c')?.segment(0) !== undefined);
    await clock.advance(9_999);
    await clock.advance(10_001);
    writing.request.write('x');
    await until(() => served.server.open('c')?.segment(0)?.bytes === 1);
    await clock.advance(60_000);
    writing.request.end();
    expect((await writing.answer).status).toBe(200);
    expect(seen).toEqual(expected);
  });
});
