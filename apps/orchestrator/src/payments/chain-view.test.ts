import { simulatedClock } from '@lp/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StubChain } from '../../test/stub-chain.ts';
import { ChainBusyError, type ChainView, chainView, DEFAULT_CHAIN_TIMES } from './chain-view.ts';
import type { DeskEvent } from './events.ts';
import { ChainUnreachableError } from './head-watch.ts';

const SENDER = `0x${'11'.repeat(20)}` as const;
let clock: ReturnType<typeof simulatedClock>;
let chain: StubChain;
let view: ChainView;
let events: DeskEvent[];
let stopping: AbortController;
let loop: Promise<void>;

beforeEach(async () => {
  clock = simulatedClock();
  chain = new StubChain();
  events = [];
  stopping = new AbortController();
  view = chainView({
    chain,
    recipient: `0x${'73'.repeat(20)}`,
    clock,
    times: DEFAULT_CHAIN_TIMES,
    signal: stopping.signal,
    onEvent: (event) => events.push(event),
  });
  loop = view.heads.run(stopping.signal);
  await clock.advance(0);
});
afterEach(async () => {
  stopping.abort();
  await loop;
  expect(clock.pending).toBe(0);
});

describe('head', () => {
  it('never runs backwards, and a node that stays behind counts as unreachable', async () => {
    chain.l1Block = 2_000n;
    await clock.advance(5_000);
    chain.l1Block = 1_999n;
    await clock.advance(5_000);
    expect(view.heads.current().l1Block).toBe(2_000n);
    await clock.advance(125_000);
    expect(() => view.heads.current()).toThrow(ChainUnreachableError);
    chain.l1Block = 2_001n;
    await clock.advance(5_000);
    expect(view.heads.current().l1Block).toBe(2_001n);
    expect(events.map((e) => e.type)).toEqual([]);
  });

  it('wakes those who wait for a block, and lets go of those who stop', async () => {
    const next = view.heads.above(1_000n, stopping.signal);
    const giveUp = new AbortController();
    const abandoned = view.heads.above(5_000n, giveUp.signal);
    giveUp.abort(new Error('enough'));
    await expect(abandoned).rejects.toThrow('enough');
    chain.l1Block = 1_001n;
    await clock.advance(5_000);
    expect((await next).l1Block).toBe(1_001n);
  });

  it('reports a lost chain once, and its return', async () => {
    chain.reachable = false;
    await clock.advance(300_000);
    chain.reachable = true;
    await clock.advance(5_000);
    expect(events.map((e) => e.type)).toEqual(['chain-unreachable', 'chain-back']);
  });

  it('does not wait for a node that hangs', async () => {
    chain.head = () => new Promise(() => {});
    await clock.advance(140_000);
    expect(events.map((e) => e.type)).toEqual(['chain-unreachable']);
  });
});

describe('sender', () => {
  it('is read again when it is old, when a round began, and when its money moved', async () => {
    let reads = 0;
    const original = chain.senderInfo.bind(chain);
    chain.senderInfo = () => {
      reads++;
      return original();
    };
    await Promise.all([view.sender(SENDER), view.sender(SENDER)]);
    expect(reads).toBe(1);
    await clock.advance(14_000);
    await view.sender(SENDER);
    expect(reads).toBe(1);
    await clock.advance(2_000);
    await view.sender(SENDER);
    expect(reads).toBe(2);
    chain.lastInitializedRound += 1n;
    await clock.advance(5_000);
    await view.sender(SENDER);
    expect(reads).toBe(3);
    view.forget(SENDER);
    await view.sender(SENDER);
    expect(reads).toBe(4);
  });

  it('serves an old reading for a while when the chain is gone, then says so', async () => {
    await view.sender(SENDER);
    chain.reachable = false;
    await clock.advance(60_000);
    expect((await view.sender(SENDER)).info.deposit).toBe(10n ** 18n);
    await clock.advance(61_000);
    await expect(view.sender(SENDER)).rejects.toThrow('connection refused');
  });
});

describe('strangers', () => {
  const address = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as const;
  let asked: number;

  beforeEach(() => {
    asked = 0;
    chain.senderInfo = () => {
      asked++;
      return Promise.resolve(chain.sender);
    };
  });

  it('cost the node no more readings than a bounded number a second', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 500 }, (_, n) => view.stranger(address(n))),
    );
    expect(asked).toBe(200);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(300);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(ChainBusyError);
    await clock.advance(1_000);
    await Promise.allSettled(Array.from({ length: 500 }, (_, n) => view.stranger(address(1_000 + n))));
    expect(asked).toBe(220);
  });

  it('are answered from a young reading, and never keep those waiting who have signed', async () => {
    await Promise.allSettled(Array.from({ length: 500 }, (_, n) => view.stranger(address(n))));
    expect(asked).toBe(200);
    await view.stranger(address(3));
    expect(asked).toBe(200);
    await view.sender(SENDER);
    expect(asked).toBe(201);
    await view.stranger(SENDER);
    expect(asked).toBe(201);
  });
});

it('serves an old reading at once while a node does not answer, and tries again later', async () => {
  await view.sender(SENDER);
  await clock.advance(16_000);
  let asked = 0;
  chain.senderInfo = () => {
    asked++;
    return new Promise(() => {});
  };
  const first = view.sender(SENDER);
  await clock.advance(10_000);
  await first;
  await view.sender(SENDER); // would hang: nothing moves the clock
  expect(asked).toBe(1);
  await clock.advance(16_000);
  const third = view.sender(SENDER);
  await clock.advance(10_000);
  await third;
  expect(asked).toBe(2);
});
