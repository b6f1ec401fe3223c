import { formatRatio } from '@lp/pricing';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { ExchangeRate } from './exchange-rate.ts';
import { readPriceFeed } from './price-feed.ts';

const NOW_S = 1_700_000_000n;
const words = (...values: bigint[]): string =>
  `0x${values.map((value) => value.toString(16).padStart(64, '0')).join('')}`;
const text = (value: string): string =>
  `${words(32n, BigInt(value.length))}${Buffer.from(value).toString('hex').padEnd(64, '0')}`;

function read(answers: { decimals?: string; description?: string; round?: string }) {
  const clock = simulatedClock();
  const transport = routeTransport(
    async ({ body }) => {
      const { data } = JSON.parse(String(body)).params[0];
      const results: Record<string, string> = {
        '0x313ce567': answers.decimals ?? words(8n),
        '0x7284e416': answers.description ?? text('ETH / USD'),
        '0xfeaf968c': answers.round ?? words(1n, 200_000_000_000n, NOW_S, NOW_S - 60n, 1n),
      };
      return { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: results[data] }) };
    },
    { clock },
  );
  return readPriceFeed({ transport, rpcUrl: 'http://rpc.test', feed: '0xfeed' }, Number(NOW_S) * 1000);
}

describe('readPriceFeed', () => {
  it('gives exact wei for one USD', async () => {
    expect(formatRatio(await read({}))).toBe('500000000000000');
  });

  it.each([
    ['an old answer', { round: words(1n, 1n, 1n, NOW_S - 100_000n, 1n) }, /seconds old/],
    ['a negative answer', { round: words(1n, 2n ** 256n - 5n, 1n, NOW_S, 1n) }, /0 or less/],
    ['absurd decimals', { decimals: words(80n) }, /decimals/],
    ['another pair', { description: text('BTC / USD') }, /ETH \/ USD/],
    ['a short round', { round: words(1n) }, /no round/],
    ['nonsense', { decimals: '0xzz' }, /no answer/],
    ['a text longer than its bytes', { description: words(32n, 2n ** 255n) }, /ETH \/ USD/],
  ])('refuses %s', async (_what, answers, message) => {
    await expect(read(answers)).rejects.toThrow(message);
  });
});

describe('ExchangeRate', () => {
  it('keeps the last good reading for an hour', async () => {
    const clock = simulatedClock();
    let failing = false;
    const failures: unknown[] = [];
    const rate = new ExchangeRate(clock, async () => {
      if (failing) throw new Error('down');
      return { n: 5n, d: 1n };
    });
    expect(rate.check()).toMatchObject({ ok: false });
    await rate.refresh();
    const stop = new AbortController();
    const run = rate.keepFresh(stop.signal, (error) => failures.push(error));
    failing = true;
    await clock.advance(3_600_000);
    expect([rate.current(), failures.length]).toEqual([{ n: 5n, d: 1n }, 60]);
    await clock.advance(1000);
    expect(rate.current()).toBeUndefined();
    failing = false;
    await clock.advance(60_000);
    expect(rate.check()).toEqual({ ok: true });
    stop.abort();
    await run;
  });
});
