import { priceFromUsd, ratio } from '@lp/pricing';
import type { HttpRequest, Transport } from '@lp/runtime';
import { seededRandom } from '@lp/runtime/testing';
import { type Simulation, simulation } from '@lp/session/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeMedia, jpeg } from '../../test/fake-media.ts';
import type { GatewaySession } from '../session/gateway-session.ts';
import { SessionTable } from '../session/session-table.ts';
import { liveSessions } from './live-sessions.ts';
import { NoRunnerError } from './session-port.ts';

const SIGNER_URL = 'http://signer.test:8937';

interface World {
  readonly peers: Simulation;
  readonly table: SessionTable;
  readonly media: FakeMedia;
  readonly open: (maxSpendWei?: bigint) => Promise<GatewaySession>;
  /** Streams pictures for so long. */
  readonly stream: (session: GatewaySession, ms: number) => Promise<void>;
}

let world: World | undefined;
afterEach(() => world?.peers.stop());

/** The gateway's sessions over real sessions, against a signer and an orchestrator on a simulated clock. */
async function start(usdPerHour = '1000000'): Promise<World> {
  const peers = simulation();
  // Loads what loads in real time, which the simulated clock would not wait for.
  await peers.clock.runUntil((await peers.open()).close());
  const { clock } = peers;
  const media = new FakeMedia();
  const port = liveSessions({
    signer: { url: SIGNER_URL },
    orchestrators: [peers.orchestrator.url],
    transport: withStream(peers.network.transport, peers.orchestrator.url),
    clock,
    random: seededRandom(7),
    maxPrice: () => priceFromUsd({ usd: usdPerHour, unit: 'hour', weiPerUsd: ratio(500_000_000_000_000n) }),
    maxSpendWei: undefined,
    openTimeoutMs: 60_000,
  });
  const limits = { maxSessions: 4, idleMs: 3_600_000, openTimeoutMs: 60_000, keepClosed: 4 };
  const table = new SessionTable({ port, media, clock, random: seededRandom(8), limits });
  world = {
    peers,
    table,
    media,
    open: (maxSpendWei) =>
      clock.runUntil(
        table.open({ owner: null, app: 'lp/edges', params: {}, maxSpendWei }, new AbortController().signal),
      ),
    async stream(session, ms) {
      for (let passed = 0; passed < ms; passed += 100) {
        session.bridge.accept(jpeg(1));
        await clock.advance(100);
      }
    },
  };
  return world;
}

/** The app's `/stream`, which the orchestrator of the simulation does not have. */
function withStream(transport: Transport, origin: string): Transport {
  return {
    stream: (request) => transport.stream(request),
    async request(request: HttpRequest) {
      const answer = await transport.request(request);
      if (answer.status !== 200 || !request.url.endsWith('/app/stream')) return answer;
      const channels = { in: `${origin}/ai/trickle/a-in`, out: `${origin}/ai/trickle/a-out` };
      return { ...answer, body: new TextEncoder().encode(JSON.stringify(channels)) };
    },
  };
}

const types = (session: GatewaySession): string[] => session.log.since(0).events.map(({ type }) => type);

describe('sessions on a network', () => {
  it('stay paid, cost what the receipt says, and stop at the orchestrator', async () => {
    const { open, stream, peers } = await start();
    const session = await open();
    await stream(session, 120_000);
    expect(session.faults.list()).toEqual([]);
    const before = session.parts.paid.funding();
    expect(before.runwayMs).toBeGreaterThan(5000);
    const receipt = await peers.clock.runUntil(session.close('closed-by-caller'));
    expect(Number(receipt.seconds)).toBeGreaterThanOrEqual(120);
    expect(receipt.paidWei).toBeGreaterThanOrEqual(receipt.feeWei);
    expect(peers.orchestrator.shortDebits).toEqual([]);
    expect(peers.orchestrator.sessions.size).toBe(0);
    expect(await session.close('again')).toEqual(receipt);
  });

  it('say payment-failed within five seconds of the end of the signer, with the runway left, and recover', async () => {
    const { open, stream, peers } = await start();
    const session = await open();
    await stream(session, 10_000);
    peers.signer.down = true;
    await stream(session, 5000);
    const failed = session.log.since(0).events.find(({ type }) => type === 'payment-failed');
    expect(failed?.data['runwaySeconds']).toBeGreaterThan(5);
    expect(session.bridge.counters().returned).toBeGreaterThan(140);
    peers.signer.down = false;
    await stream(session, 10_000);
    expect(session.faults.list()).toEqual([]);
    expect(types(session)).toContain('payment-recovered');
    await peers.clock.runUntil(session.close('closed-by-caller'));
  });

  it('say connection-lost within five seconds of the end of the orchestrator, and recover', async () => {
    const { open, stream, peers, media } = await start();
    const session = await open();
    await stream(session, 10_000);
    peers.orchestrator.down = true;
    media.failure = new Error('connect ECONNREFUSED');
    await stream(session, 5000);
    expect(types(session)).toEqual(expect.arrayContaining(['connection-lost', 'output-stalled']));
    expect(session.faults.list()).toContainEqual({
      fault: 'output-stalled',
      cause: 'orchestrator-unreachable',
    });
    peers.orchestrator.down = false;
    media.failure = undefined;
    await stream(session, 10_000);
    expect(session.faults.list()).toEqual([]);
    await peers.clock.runUntil(session.close('closed-by-caller'));
  });

  it('refuse runners above the ceiling, each with its reason', async () => {
    const { open, peers, table } = await start('0.0000001');
    const error = await open().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoRunnerError);
    expect((error as NoRunnerError).refusals).toEqual([
      expect.objectContaining({ orchestrator: peers.orchestrator.url, code: 'price-above-ceiling' }),
    ]);
    expect(table.openCount + table.openingCount).toBe(0);
  });

  it('refuse a spend limit below what opening costs, and say what it costs', async () => {
    const { open } = await start();
    const error = await open(1n).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 409, code: 'spend-limit', fields: { maxSpendWei: '1' } });
  });

  it('stay open after the request that opened them is gone', async () => {
    const { peers, table, stream } = await start();
    const request = new AbortController();
    const opening = table.open(
      { owner: null, app: 'lp/edges', params: {}, maxSpendWei: undefined },
      request.signal,
    );
    const session = await peers.clock.runUntil(opening);
    request.abort();
    await stream(session, 10_000);
    expect(session.state).toBe('open');
    await peers.clock.runUntil(session.close('closed-by-caller'));
  });
});
