import { type SimulatedClock, simulatedClock } from '@lp/runtime/testing';
import { describe, expect, it } from 'vitest';
import { FakeMedia, jpeg } from '../../test/fake-media.ts';
import { FakePaidSession } from '../../test/fake-session-port.ts';
import { GatewaySession } from './gateway-session.ts';

interface Running {
  readonly clock: SimulatedClock;
  readonly paid: FakePaidSession;
  readonly media: FakeMedia;
  readonly session: GatewaySession;
  readonly run: Promise<void>;
  /** Types and data of all events so far, newest last. */
  events(): string[];
  /** Sends a picture every 100 ms for so long. */
  stream(ms: number): Promise<void>;
}

async function running(): Promise<Running> {
  const clock = simulatedClock();
  const paid = new FakePaidSession({ app: 'x' });
  const media = new FakeMedia();
  const channels = { in: 'https://orchestrator.example/in', out: 'https://orchestrator.example/out' };
  const session = new GatewaySession({
    id: 's-1',
    owner: null,
    app: 'x',
    maxSpendWei: null,
    paid,
    channels,
    media,
    clock,
  });
  const run = session.run(60_000);
  await clock.advance(0);
  return {
    clock,
    paid,
    media,
    session,
    run,
    events: () =>
      session.log
        .since(0)
        .events.map(({ type, data }) =>
          'cause' in data ? `${type}: ${String(data['cause'] as string | null)}` : type,
        ),
    async stream(ms) {
      for (let passed = 0; passed < ms; passed += 100) {
        session.bridge.accept(jpeg(1));
        await clock.advance(100);
      }
    },
  };
}

const finish = async ({ session, run }: Running): Promise<void> => {
  await session.close('closed-by-caller');
  await run;
};

describe('faults', () => {
  it('says output-stalled three seconds after the last picture, asks for a probe, adds the cause, and says when it is over', async () => {
    const it = await running();
    await it.stream(1000);
    it.media.transform = () => undefined;
    await it.stream(2800);
    expect(it.events()).toEqual(['opened']);
    await it.stream(1000);
    expect(it.events()).toEqual(['opened', 'output-stalled: null']);
    expect(it.paid.troubles).toEqual(['https://orchestrator.example/out']);
    it.paid.emit({ type: 'not-ready' });
    await it.stream(100);
    expect(it.events().slice(2)).toEqual([
      'not-ready: the runner is not ready',
      'output-stalled: runner-not-ready',
    ]);
    it.media.transform = (frame) => frame;
    it.paid.emit({ type: 'probe', alive: true });
    await it.stream(200);
    expect(it.events().slice(4)).toEqual(['ready', 'output-stalled: runner-silent', 'output-resumed']);
    expect(it.session.faults.list()).toEqual([]);
    await finish(it);
  });

  it('does not call silence a stall while nobody sends pictures', async () => {
    const it = await running();
    await it.stream(500);
    await it.clock.advance(30_000);
    expect(it.events()).toEqual(['opened']);
    await finish(it);
  });

  it('gives a cold runner more time for its first picture', async () => {
    const it = await running();
    it.media.transform = () => undefined;
    await it.stream(9000);
    expect(it.events()).toEqual(['opened']);
    await it.stream(2000);
    expect(it.events()).toEqual(['opened', 'output-stalled: null']);
    await finish(it);
  });

  it('says connection-lost when the orchestrator is gone, goes on trying, and says when it is back', async () => {
    const it = await running();
    await it.stream(300);
    it.media.failure = new Error('connect ECONNREFUSED');
    it.paid.emit({ type: 'connection-lost', cause: 'no answer from the orchestrator' });
    await it.stream(2000);
    expect(it.events()).toContain('connection-lost: no answer from the orchestrator');
    expect(it.paid.troubles.length).toBeGreaterThan(0);
    it.media.failure = undefined;
    it.paid.emit({ type: 'connection-restored' });
    const before = it.session.bridge.counters().returned;
    await it.stream(2000);
    expect(it.events().at(-1)).toBe('connection-restored');
    expect(it.session.bridge.counters().returned).toBeGreaterThan(before);
    await finish(it);
  });

  it('says payment-failed once with the seconds of runway left, and when payments are back', async () => {
    const it = await running();
    it.paid.emit({ type: 'payment-failed', runwayMs: 12_399, cause: 'signer unreachable' });
    it.paid.emit({ type: 'payment-failed', runwayMs: 11_000, cause: 'signer unreachable' });
    await it.clock.advance(10);
    it.session.narrator.signerLost('connect');
    const failed = it.session.log.since(0).events.filter(({ type }) => type === 'payment-failed');
    expect(failed.map(({ data }) => data)).toEqual([{ runwaySeconds: 12.3, cause: 'signer unreachable' }]);
    it.paid.emit({ type: 'payment' });
    await it.clock.advance(10);
    expect(it.events().slice(-2)).toEqual(['payment-recovered', 'payment']);
    await finish(it);
  });

  it('takes the word of the signer watch when the session has not noticed yet', async () => {
    const it = await running();
    it.session.narrator.signerLost('the signer cannot be reached');
    expect(it.session.log.since(0).events.at(-1)).toMatchObject({
      type: 'payment-failed',
      data: { runwaySeconds: 20 },
    });
    await finish(it);
  });
});

describe('end', () => {
  it('keeps the reason and the receipt of a session that was dropped', async () => {
    const it = await running();
    it.paid.emit({ type: 'dropped', reason: 'insufficient-balance' });
    await it.clock.advance(10);
    it.paid.end('dropped');
    await it.run;
    expect(it.events()).toEqual(['opened', 'dropped', 'closed']);
    expect([it.session.state, it.session.closeReason, it.session.receipt?.paidWei]).toEqual([
      'closed',
      'dropped',
      5_000_000_000_000_000n,
    ]);
    expect(it.clock.pending).toBe(0);
  });
});
