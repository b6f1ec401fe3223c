import { expect, it } from 'vitest';
import type { ChainClock } from './chain-clock.ts';
import { type ChainHead, watchHead } from './index.ts';

const head = (l1Block: bigint): ChainHead => ({
  l1Block,
  lastInitializedRound: 1n,
  roundBlockHash: `0x${'01'.repeat(32)}`,
  previousRoundBlockHash: `0x${'00'.repeat(32)}`,
  currentRoundInitialized: true,
  poolSize: 1n,
  gasPrice: 1n,
});

/** A clock whose sleepers are woken by hand. */
function handClock(): ChainClock & { advance(ms: number): Promise<void> } {
  let nowNs = 0n;
  let sleepers: { untilNs: bigint; wake: () => void }[] = [];
  return {
    monotonicNs: () => nowNs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ untilNs: nowNs + BigInt(ms) * 1_000_000n, wake: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    async advance(ms) {
      nowNs += BigInt(ms) * 1_000_000n;
      const due = sleepers.filter(({ untilNs }) => untilNs <= nowNs);
      sleepers = sleepers.filter(({ untilNs }) => untilNs > nowNs);
      for (const { wake } of due) wake();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    },
  };
}

it('keeps the last head through failures, and refuses it when it is too old', async () => {
  const clock = handClock();
  const stop = new AbortController();
  const answers: (ChainHead | Error)[] = [head(5n), new Error('down'), new Error('still down'), head(9n)];
  const chain = {
    head: async () => {
      const answer = answers.shift();
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no more');
      return answer;
    },
  };
  const view = watchHead(chain, { clock, pollMs: 1_000, maxAgeMs: 1_500, signal: stop.signal });
  expect(() => view.current()).toThrow('has not been read yet');
  expect(view.ageMs()).toBeUndefined();
  await view.firstRead;
  expect(view.current().l1Block).toBe(5n);
  await clock.advance(0);

  await clock.advance(1_000);
  expect(view.current().l1Block).toBe(5n);
  expect(view.ageMs()).toBe(1_000);
  expect(view.lastError).toMatchObject({ message: 'down' });

  await clock.advance(1_000);
  expect(() => view.current()).toThrow('was last read 2000 ms ago');
  expect(view.lastError).toMatchObject({ message: 'still down' });

  await clock.advance(1_000);
  expect(view.current().l1Block).toBe(9n);
  expect(view.lastError).toBeUndefined();

  stop.abort();
  await view.ended;
});
