import { TransportError } from '@lp/runtime';
import { type RouteReply, routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { grpcReply, infoOf } from '../../test/grpc-reply.ts';
import { discoveryFindings } from './discovery.ts';

type Half = 'answers' | 'absent' | 'away';

const runners = (url: string): RouteReply => ({
  body: `[{"address":"${url}","runners":[{"url":"${url}/r","app":"lp/a","price_info":{"price":1,"currency":"wei","unit":"seconds"}}]}]`,
});

/** What the doctor finds about orchestrators by host, each with how its two halves are. */
async function found(orchestrators: Readonly<Record<string, readonly [runners: Half, capabilities: Half]>>) {
  const clock = simulatedClock();
  const transport = routeTransport(
    ({ url, http2 }) => {
      const { origin, host } = new URL(url);
      const half = orchestrators[host]?.[http2 === true ? 1 : 0];
      if (half === 'away') throw new TransportError('connect', 'no route', { url, sent: false });
      if (half === 'absent') return { status: 404 };
      return http2 === true ? grpcReply(infoOf(origin, { 35: ['scope'] })) : runners(origin);
    },
    { clock },
  );
  const { findings, urls } = await discoveryFindings({
    candidates: async () => Object.keys(orchestrators).map((host) => `https://${host}`),
    transport,
    clock,
    login: { address: `0x${'11'.repeat(20)}`, signature: new Uint8Array(65) },
    rules: { ceilings: [], capabilityCeilings: () => [] },
  });
  expect(urls).toHaveLength(Object.keys(orchestrators).length);
  return findings.map(({ level, part, detail }) => `${level} ${part}: ${detail}`);
}

test('with both halves there is nothing to say', async () => {
  expect(await found({ 'a.example': ['answers', 'answers'] })).toEqual([
    'ok discovery: priced runners: 1, orchestrators: 1, with capabilities: 1',
  ]);
});

test('a half that is not offered is named, not warned of', async () => {
  const findings = await found({
    'a.example': ['absent', 'answers'],
    'b.example': ['answers', 'absent'],
    'c.example': ['absent', 'answers'],
  });
  expect(findings).toEqual([
    'ok discovery: priced runners: 1, orchestrators: 3, with capabilities: 2',
    'ok gRPC: not offered by https://b.example',
    'ok /discovery: not offered by https://a.example, https://c.example',
  ]);
});

test('a half that does not answer is warned of, and so is an orchestrator without any', async () => {
  const findings = await found({
    'a.example': ['away', 'answers'],
    'b.example': ['answers', 'away'],
    'c.example': ['absent', 'absent'],
    'd.example': ['away', 'absent'],
  });
  expect(findings).toEqual([
    'ok discovery: priced runners: 1, orchestrators: 4, with capabilities: 1',
    'warn orchestrator https://a.example: /discovery: connect: no route',
    'warn orchestrator https://b.example: gRPC: connect: no route',
    'warn orchestrator https://c.example: /discovery: http-status: answered 404; gRPC: unimplemented: https://c.example answered 404',
    'warn orchestrator https://d.example: /discovery: connect: no route; gRPC: unimplemented: https://d.example answered 404',
  ]);
});

test('an address that somebody registered as a joke is shown in quotes', async () => {
  const transport = routeTransport(() => ({ status: 404 }));
  const { findings } = await discoveryFindings({
    candidates: async () => ['', 'ftp://\u001b[2J'],
    transport,
    clock: simulatedClock(),
    login: { address: `0x${'11'.repeat(20)}`, signature: new Uint8Array(65) },
    rules: { ceilings: [], capabilityCeilings: () => [] },
  });
  expect(findings.map(({ part }) => part)).toEqual(['discovery', 'orchestrator "ftp://\\u001b[2J"']);
});

test('nothing to list is warned of', async () => {
  const [first] = await found({ 'a.example': ['away', 'away'] });
  expect(first).toBe('warn discovery: priced runners: 0, orchestrators: 1, with capabilities: 0');
});
