import { type MessageSigner, privateKeySigner } from '@lp/pm';
import { systemClock } from '@lp/runtime';
import { simulatedClock } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { KEY, offerText, startTestSigner } from './signer-fixture.ts';

test('a key that does not answer ends the call, and those that wait for it, with 503', async () => {
  const clock = simulatedClock({ startMs: systemClock.wallMs() });
  const key = privateKeySigner(KEY);
  const asked = Promise.withResolvers<void>();
  let hangs = false;
  const signer: MessageSigner = {
    address: key.address,
    async signMessages(messages, options) {
      if (!hangs) return key.signMessages(messages, options);
      asked.resolve();
      options?.signal?.throwIfAborted();
      return new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
      });
    },
  };
  await using running = await startTestSigner({ ports: { signer, clock } });
  const call = () => running.post('/generate-live-payment', { orchestrator: offerText(), type: 'live' });
  hangs = true;
  const calls = [call(), call()]; // same ticket params: the second waits for the first
  await asked.promise;
  const answers = await clock.runUntil(Promise.all(calls));
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 503,
      json: { error: { message: 'Service Unavailable Error', code: 'timeout' } },
    });
  }
  hangs = false;
  expect(await call()).toMatchObject({ status: 200 });
});
