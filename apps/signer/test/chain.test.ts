import { simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { watchChain } from '../src/chain/chain-view.ts';
import { call, offerText, startTestSigner } from './signer-fixture.ts';
import { stubChain } from './stub-chain.ts';

const SENDER = `0x${'01'.repeat(20)}` as const;

function watch(chain = stubChain()) {
  const clock = simulatedClock();
  const stop = new AbortController();
  const changes: string[] = [];
  const view = watchChain({
    chain,
    sender: SENDER,
    clock,
    signal: stop.signal,
    pollMs: 5000,
    maxAgeMs: 20_000,
    onChange: (state) => void changes.push(state),
  });
  return { chain, clock, stop, view, changes };
}

test('follows the chain and keeps the last answer over a failure, until it is too old', async () => {
  const { chain, clock, stop, view, changes } = watch();
  expect(() => view.current()).toThrow(expect.objectContaining({ code: 'chain-unavailable' }));
  await view.firstRead;
  expect(view.current()).toMatchObject({ l1Block: 1000n, lastInitializedRound: 8n });
  chain.state.head = { ...chain.state.head, l1Block: 1001n };
  await clock.advance(5000);
  expect(view.current().l1Block).toBe(1001n);

  chain.failing = true;
  await clock.advance(20_000);
  expect(view.current().l1Block).toBe(1001n);
  await clock.advance(1);
  expect(() => view.current()).toThrow('the chain was last read 20001 ms ago');
  expect(changes).toEqual(['failing']);

  chain.failing = false;
  await clock.advance(5000);
  expect(view.current().l1Block).toBe(1001n);
  expect(changes).toEqual(['failing', 'working']);

  stop.abort();
  await view.ended;
  expect(clock.pending).toBe(0);
});

test('a read that hangs ends at its deadline', async () => {
  const chain = stubChain();
  const { clock, stop, view, changes } = watch({
    ...chain,
    head: ({ signal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  });
  await clock.runUntil(view.firstRead);
  expect(changes).toEqual(['failing']);
  stop.abort();
  await view.ended;
});

test('without the chain payments are 503 with a code, and bad requests still 400', async () => {
  const chain = stubChain();
  chain.failing = true;
  await using signer = await startTestSigner({ ports: { chain } });
  const orchestrator = offerText();
  expect(await signer.post('/generate-live-payment', { orchestrator, type: 'live' })).toMatchObject({
    status: 503,
    json: { error: { message: 'Service Unavailable Error', code: 'chain-unavailable' } },
  });
  expect(await signer.post('/generate-live-payment', {})).toMatchObject({ status: 400 });
  expect(await signer.post('/sign-orchestrator-info', {})).toMatchObject({ status: 200 });
  expect(signer.lines.join('')).toContain('the RPC endpoint is away');
  const ready = await call(`${signer.adminUrl}/readyz`);
  expect(ready).toMatchObject({ status: 503, json: { checks: { chain: { ok: false } } } });
  expect(await call(`${signer.adminUrl}/healthz`)).toMatchObject({ status: 200 });
});

test.each([
  ['no deposit', { deposit: 0n }, 'no sender deposit'],
  [
    'unlocking',
    { withdrawRound: 9n },
    'unable to validate sender: deposit and reserve is set to unlock soon',
  ],
  ['no reserve', { reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } }, 'no sender reserve'],
])('%s', async (_name, change, reason) => {
  const chain = stubChain();
  Object.assign(chain.state.sender, change);
  await using signer = await startTestSigner({ ports: { chain } });
  const answer = await signer.post('/generate-live-payment', { orchestrator: offerText(), type: 'live' });
  expect(answer).toMatchObject({
    status: 400,
    json: {
      error: {
        message: `remote signer could not check whether to refresh session: ${reason}`,
        code: 'sender-funds',
      },
    },
  });
});

test('a node that does not answer at the start is waited for three seconds, not until its deadline', async () => {
  const clock = simulatedClock({ startMs: 1_800_000_000_000 });
  const chain = stubChain();
  const never = Promise.withResolvers<never>();
  chain.head = () => never.promise;
  const starting = startTestSigner({ ports: { chain, clock } });
  let started = false;
  void starting.then(() => (started = true));
  // less than the 10 seconds that a read has, in steps so small that the start keeps up
  for (let ms = 0; ms < 9000 && !started; ms++) {
    await clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(started).toBe(true);
  await using signer = await starting;
  const paid = await signer.post('/generate-live-payment', { orchestrator: offerText(), type: 'live' });
  expect(paid).toMatchObject({ status: 503, json: { error: { code: 'chain-unavailable' } } });
  never.reject(new Error('the test is over'));
});
