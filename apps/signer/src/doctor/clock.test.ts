import { TransportError } from '@lp/runtime';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { clockFinding } from './clock.ts';

const NOW = 1_800_000_000_000;

function look(answer: { date?: number; block: number } | Error) {
  const clock = simulatedClock({ startMs: NOW });
  const transport = routeTransport(
    ({ url }) => {
      if (answer instanceof Error) throw new TransportError('connect', 'no route', { url, sent: false });
      const result = { timestamp: `0x${Math.floor(answer.block / 1000).toString(16)}` };
      const headers: Record<string, string> =
        answer.date === undefined ? {} : { date: new Date(answer.date).toUTCString() };
      return { headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, result }) };
    },
    { clock },
  );
  return clockFinding({ rpcUrl: 'http://node.example', transport, clock });
}

test.each([
  ['in step', { date: NOW, block: NOW - 3000 }, 'ok', 'agrees'],
  ['ahead', { date: NOW - 60_000, block: NOW - 60_000 }, 'warn', '60 s ahead of'],
  ['behind', { date: NOW + 60_000, block: NOW + 60_000 }, 'warn', 's behind'],
  ['behind a block', { block: NOW + 60_000 }, 'warn', 'behind the newest block'],
  ['a chain that stands', { date: NOW, block: NOW - 600_000 }, 'warn', '10 minutes old'],
])('%s', async (_name, answer, level, detail) => {
  expect(await look(answer)).toMatchObject({ level, detail: expect.stringContaining(detail) });
});

test.each([
  ['no block', { jsonrpc: '2.0', id: 1, result: null }],
  ['an error', { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'no' } }],
])('a node that answers %s is not taken for one that stands', async (_name, answer) => {
  const clock = simulatedClock({ startMs: NOW });
  const transport = routeTransport(() => ({ body: JSON.stringify(answer) }), { clock });
  expect(await clockFinding({ rpcUrl: 'http://node.example', transport, clock })).toMatchObject({
    level: 'warn',
    detail: 'cannot be compared: the node told no newest block',
  });
});

test('a node that does not answer is no reason to fail here', async () => {
  expect(await look(new Error('away'))).toMatchObject({ level: 'warn' });
});
