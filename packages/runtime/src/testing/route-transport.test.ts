import { expect, test } from 'vitest';
import { TransportError } from '../transport.ts';
import { routeTransport } from './route-transport.ts';
import { simulatedClock } from './simulated-clock.ts';

const get = { method: 'GET', url: 'http://orchestrator.test/a?b=c', timeoutMs: 1_000 } as const;

test('answers with what the handler gives', async () => {
  const transport = routeTransport((request) => ({
    status: 404,
    headers: { 'X-Path': new URL(request.url).search },
    body: 'no',
  }));
  const response = await transport.request(get);
  expect(response).toMatchObject({ status: 404, headers: { 'x-path': '?b=c' } });
  expect(new TextDecoder().decode(response.body)).toBe('no');
});

test('keeps deadline, signal and limit', async () => {
  const clock = simulatedClock();
  const silent = routeTransport(() => new Promise(() => {}), { clock });
  const late = expect(silent.request(get)).rejects.toMatchObject({ code: 'timeout', sent: true });
  await clock.advance(1_000);
  await late;
  const controller = new AbortController();
  const aborted = expect(silent.request({ ...get, signal: controller.signal })).rejects.toMatchObject({
    code: 'aborted',
  });
  controller.abort();
  await aborted;
  expect(clock.pending).toBe(0);
  const large = routeTransport(() => ({ body: 'x'.repeat(11) }));
  await expect(large.request({ ...get, maxBodyBytes: 10 })).rejects.toMatchObject({ code: 'body-too-large' });
});

test('failures of the handler are network failures', async () => {
  const refused = new TransportError('connect', 'refused', { url: get.url, sent: false });
  await expect(routeTransport(() => Promise.reject(refused)).request(get)).rejects.toBe(refused);
  const broken = routeTransport(() => {
    throw new Error('bug');
  });
  await expect(broken.request(get)).rejects.toMatchObject({ code: 'connection-lost', sent: true });
});

test('streams chunk by chunk, and an abort ends the wait for the next one', async () => {
  const controller = new AbortController();
  const transport = routeTransport(() => ({
    body: (async function* () {
      yield Uint8Array.of(1);
      await new Promise(() => {});
    })(),
  }));
  const { body } = await transport.stream({ ...get, signal: controller.signal });
  const read = async (): Promise<void> => {
    for await (const chunk of body) {
      expect([...chunk]).toEqual([1]);
      controller.abort();
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'aborted' });
});
