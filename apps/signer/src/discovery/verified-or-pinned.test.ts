import { type Transport, TransportError } from '@lp/runtime';
import { routeTransport } from '@lp/runtime/testing';
import { expect, test } from 'vitest';
import { verifiedOrPinned } from './verified-or-pinned.ts';

const URL_OF_A = 'https://a.example/discovery';

function get(transport: Transport, url = URL_OF_A): Promise<string> {
  return transport
    .request({ method: 'GET', url, timeoutMs: 1000 })
    .then(({ body }) => new TextDecoder().decode(body));
}

function fixture() {
  const state = { fault: undefined as 'tls' | 'connect' | undefined };
  const transport = verifiedOrPinned({
    verify: routeTransport(({ url }) => {
      if (state.fault !== undefined) throw new TransportError(state.fault, 'no', { url, sent: false });
      return { body: 'verified' };
    }),
    pin: routeTransport(() => ({ body: 'pinned' })),
  });
  return { state, transport };
}

test('a self-signed host is pinned, an unreachable one is not asked twice', async () => {
  const { state, transport } = fixture();
  state.fault = 'tls';
  expect(await get(transport)).toBe('pinned');
  state.fault = 'connect';
  await expect(get(transport)).rejects.toThrow(expect.objectContaining({ code: 'connect' }));
});

test('a host that was verified never falls back to a pin; other hosts still do', async () => {
  const { state, transport } = fixture();
  expect(await get(transport)).toBe('verified');
  state.fault = 'tls';
  await expect(get(transport)).rejects.toThrow(expect.objectContaining({ code: 'tls' }));
  expect(await get(transport, 'https://b.example/discovery')).toBe('pinned');
});
