import { TransportError } from '@lp/runtime';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { grpcReply, infoOf } from '../../test/grpc-reply.ts';
import { type CatalogueOptions, type RoundFailure, watchCatalogue } from './catalogue.ts';

const URL_OF_A = 'https://a.example:8935';
const RUNNERS = `[{"address":"${URL_OF_A}","runners":[{"url":"${URL_OF_A}/r","app":"lp/a"}]}]`;

/** Watches one orchestrator. */
const watchA = (
  options: Pick<CatalogueOptions, 'transport' | 'clock' | 'signal' | 'onFailure' | 'onEmpty'>,
) =>
  watchCatalogue({
    orchestrators: async () => [URL_OF_A],
    login: { address: `0x${'11'.repeat(20)}`, signature: new Uint8Array(65) },
    intervalMs: 10_000,
    maxAgeMs: 60_000,
    ...options,
  });

/** One orchestrator, each half of which can be switched off; the peer is slow in the other. */
function fixture() {
  const clock = simulatedClock();
  const stop = new AbortController();
  const away = { runners: false, capabilities: false };
  const failures: RoundFailure[] = [];
  const empties: boolean[] = [];
  const transport = routeTransport(
    async ({ url, http2, signal }) => {
      const half = http2 === true ? 'capabilities' : 'runners';
      if (away[half] && half === 'runners') throw new TransportError('connect', 'no', { url, sent: false });
      if (away[half]) await clock.sleep(60_000, signal); // beyond any deadline
      return half === 'runners' ? { body: RUNNERS } : grpcReply(infoOf(URL_OF_A, { 35: ['scope'] }));
    },
    { clock },
  );
  const catalogue = watchA({
    transport,
    clock,
    signal: stop.signal,
    onFailure: (failure) => void failures.push(failure),
    onEmpty: (empty) => void empties.push(empty),
  });
  const halves = () =>
    catalogue.known().map(({ runners, capabilities }) => ({
      runners: [runners.state, runners.news?.ageMs, runners.news?.value.length],
      capabilities: [capabilities.state, capabilities.news?.ageMs, capabilities.news?.value.offered.length],
    }));
  const end = async (): Promise<void> => {
    stop.abort();
    await catalogue.ended;
    expect(clock.pending).toBe(0);
  };
  return { clock, away, failures, empties, catalogue, halves, end };
}

test('without gRPC an orchestrator keeps its runners, and its capabilities until they are too old', async () => {
  const { clock, away, failures, empties, catalogue, halves, end } = fixture();
  await clock.runUntil(catalogue.firstRound);
  expect(halves()).toEqual([{ runners: ['answered', 0, 1], capabilities: ['answered', 0, 1] }]);
  away.capabilities = true;
  await clock.advance(15_000); // the second round ends with the deadline of the silent half
  expect(halves()).toEqual([{ runners: ['answered', 5000, 1], capabilities: ['kept', 15_000, 1] }]);
  expect(failures).toMatchObject([{ url: URL_OF_A, of: 'capabilities', code: 'timeout' }]);
  await clock.advance(45_000);
  expect(halves()).toEqual([
    { runners: ['answered', expect.any(Number), 1], capabilities: ['kept', 60_000, 1] },
  ]);
  await clock.advance(1);
  expect(halves()).toEqual([
    { runners: ['answered', expect.any(Number), 1], capabilities: ['none', undefined, undefined] },
  ]);
  away.capabilities = false;
  await clock.advance(15_000);
  expect(halves()).toMatchObject([{ capabilities: ['answered', expect.any(Number), 1] }]);
  expect(empties).toEqual([]);
  await end();
});

test('without /discovery it keeps its capabilities, and its runners until they are too old', async () => {
  const { clock, away, failures, empties, catalogue, halves, end } = fixture();
  await clock.runUntil(catalogue.firstRound);
  away.runners = true;
  await clock.advance(60_000);
  expect(halves()).toEqual([{ runners: ['kept', 60_000, 1], capabilities: ['answered', 0, 1] }]);
  expect(new Set(failures.map(({ of, code }) => `${of} ${code}`))).toEqual(new Set(['runners connect']));
  await clock.advance(10_000);
  expect(halves()).toEqual([{ runners: ['none', undefined, undefined], capabilities: ['answered', 0, 1] }]);
  expect(empties).toEqual([]); // it is still listed
  away.capabilities = true;
  await clock.advance(80_000);
  expect(empties).toEqual([true]);
  await end();
});

test('the halves are asked at the same time', async () => {
  const clock = simulatedClock();
  const stop = new AbortController();
  let waiting = 0;
  const both = Promise.withResolvers<void>();
  const transport = routeTransport(
    async () => {
      if (++waiting === 2) both.resolve();
      await both.promise;
      return { status: 404 };
    },
    { clock },
  );
  const failures: RoundFailure[] = [];
  const catalogue = watchA({
    transport,
    clock,
    signal: stop.signal,
    onFailure: (failure) => void failures.push(failure),
  });
  await catalogue.firstRound;
  expect(failures.map(({ of, code }) => `${of} ${code}`).sort()).toEqual([
    'capabilities unimplemented',
    'runners http-status',
  ]);
  stop.abort();
  await catalogue.ended;
});
