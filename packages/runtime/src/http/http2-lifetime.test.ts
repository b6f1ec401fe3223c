import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { nativeHalf } from './http2-lifetime.ts';
import { createTransport } from './node.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // what the flag gives new contexts

/** Collects, and lets what waits for that happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise(setImmediate);
  }
}

test('the native half of a session stays as long as that of a stream of it, and no longer', async () => {
  const server = createServer((_request, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // what a TCP server always has
  const held: { stream: object | undefined } = { stream: undefined };
  let session: WeakRef<object> | undefined;
  const onStart = (message: unknown): void => {
    const { stream } = message as { stream: { session: object } };
    held.stream = nativeHalf(stream);
    session = new WeakRef(nativeHalf(stream.session)!);
  };
  subscribe('http2.client.stream.start', onStart);
  const transport = createTransport();
  await transport.request({
    method: 'GET',
    url: `http://127.0.0.1:${port}/`,
    http2: true,
    timeoutMs: 10_000,
  });
  unsubscribe('http2.client.stream.start', onStart);
  await transport.close();
  await new Promise((resolve) => server.close(resolve));
  await settle();
  expect(held.stream, 'Node keeps no native half where it is looked for').toBeTypeOf('object');
  expect(session?.deref(), 'the session is gone before its stream').toBeTypeOf('object');
  held.stream = undefined;
  await settle();
  await settle();
  expect(session?.deref()).toBeUndefined();
});
