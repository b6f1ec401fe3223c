import { status } from '@grpc/grpc-js';
import { decodeOrchestratorRequest, encodeOrchestratorInfo, type OrchestratorInfo } from '@lp/protocol';
import { CertificateChangedError, createTransport, systemClock, type Transport } from '@lp/runtime';
import { routeTransport, simulatedClock } from '@lp/runtime/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { FIRST_CERTIFICATE, SECOND_CERTIFICATE } from '../../../runtime/test/certificates.ts';
import { listen } from '../../../runtime/test/http-server.ts';
import { startGrpcPeer } from '../../test/grpc-peer.ts';
import * as root from '../index.ts';
import * as grpc from './index.ts';
import { fetchOrchestratorInfo, MAX_INFO_BYTES, OrchestratorRpcError } from './index.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
const transportOf = (options: Parameters<typeof createTransport>[0] = { tls: 'pin' }) => {
  const made = createTransport(options);
  cleanups.push(() => made.close());
  return made;
};

const INFO: OrchestratorInfo = {
  transcoder: 'https://orchestrator.example:8935',
  address: `0x${'aa'.repeat(20)}`,
  priceInfo: { pricePerUnit: 3n, pixelsPerUnit: 1n },
  capabilitiesPrices: [{ pricePerUnit: 7n, pixelsPerUnit: 2n, capability: 35, constraint: 'scope' }],
};
const BYTES = encodeOrchestratorInfo(INFO);

/** Key 1 (remote-signer.md section 3.3). */
const SENDER = {
  address: '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf',
  signature: Uint8Array.from(
    Buffer.from(
      '2e05f5b96d0c24dde6256c43b4dd51d50979d8a650510a52b1317a95e9eda00d3d716748cd06e78360e29fdfe091e0c6c5a3d7ae1fb408d0b746ebdd9fa6382a1c',
      'hex',
    ),
  ),
} as const;

const ask = (url: string, transport: Transport = transportOf(), signal?: AbortSignal) =>
  fetchOrchestratorInfo(url, { transport, timeoutMs: 5000, sender: SENDER, signal });

async function refusal(asked: Promise<unknown>): Promise<OrchestratorRpcError> {
  const error: unknown = await asked.then(
    () => new Error('it answered'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OrchestratorRpcError);
  return error as OrchestratorRpcError;
}

test('exports what it says, and the root of the package has nothing of it', () => {
  expect(Object.keys(grpc).sort()).toEqual([
    'CAPABILITY_NAMES',
    'MAX_CAPABILITIES',
    'MAX_INFO_BYTES',
    'OrchestratorRpcError',
    'fetchOrchestratorInfo',
    'offeredCapabilities',
  ]);
  expect(Object.keys(root).filter((name) => name in grpc)).toEqual([]);
});

describe('a gRPC server of another make', () => {
  test.each([
    ['over TLS, self-signed', FIRST_CERTIFICATE],
    ['over plain HTTP/2', undefined],
  ])('%s is asked with the login signature and a deadline', async (_name, tls) => {
    await using peer = await startGrpcPeer(() => BYTES, { tls });
    expect(await ask(`${peer.url}/some/path/`)).toEqual(INFO);
    const [call] = peer.calls;
    // Fields 1, 2 and 4 of OrchestratorRequest, and nothing else.
    const expected = Buffer.concat([
      Uint8Array.of(0x0a, 20),
      Buffer.from(SENDER.address.slice(2), 'hex'),
      Uint8Array.of(0x12, 65),
      SENDER.signature,
      Uint8Array.of(0x20, 1),
    ]);
    expect(Buffer.from(call!.bytes).toString('hex')).toBe(expected.toString('hex'));
    expect(call!.deadlineMs - systemClock.wallMs()).toBeLessThanOrEqual(5000);
  });

  test('is asked for single capabilities, and with its capacity in mind', async () => {
    await using peer = await startGrpcPeer(() => BYTES);
    const model = { warm: true, capacity: 0, runnerVersion: '', capacityInUse: 0 };
    const capabilities = {
      bitstring: [1n << 35n],
      mandatories: [],
      capacities: new Map([[35, 1]]),
      version: '0.9.1',
      constraints: { minVersion: '', perCapability: new Map([[35, new Map([['scope', model]])]]) },
    };
    const options = { transport: transportOf(), timeoutMs: 5000, ignoreCapacity: false, capabilities };
    await fetchOrchestratorInfo(peer.url, options);
    expect(decodeOrchestratorRequest(peer.calls[0]!.bytes)).toEqual({
      ignoreCapacityCheck: false,
      capabilities,
    });
  });

  test('may refuse, in words that a terminal can show', async () => {
    const message = `Invalid orchestrator request: ü\u001b[31m\n\u202e${'x'.repeat(1000)}`;
    await using peer = await startGrpcPeer(() => ({ code: status.UNKNOWN, message }));
    const error = await refusal(ask(peer.url));
    expect(error).toMatchObject({ code: 'refused', status: 2, url: peer.url });
    expect(error.message).toContain('UNKNOWN (Invalid orchestrator request: ü [31m xxx');
    expect(error.message.length).toBeLessThan(400);
  });

  test('may have no such method', async () => {
    await using peer = await startGrpcPeer(() => BYTES, { method: 'Ping' });
    expect(await refusal(ask(peer.url))).toMatchObject({ code: 'unimplemented', status: 12 });
  });

  test('may be slow: the deadline ends the call', async () => {
    const clock = simulatedClock();
    const arrived = Promise.withResolvers<void>();
    await using peer = await startGrpcPeer(() => {
      arrived.resolve();
      return 'silence';
    });
    const asked = refusal(ask(peer.url, transportOf({ clock })));
    await arrived.promise;
    await clock.advance(5000);
    expect(await asked).toMatchObject({ code: 'timeout' });
  });

  test('is left when the caller aborts, with the reason of the caller', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    await using peer = await startGrpcPeer(() => {
      stop.abort(reason);
      return 'silence';
    });
    await expect(ask(peer.url, transportOf(), stop.signal)).rejects.toBe(reason);
    await expect(ask(peer.url, transportOf(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('may answer as much as the limit, and no byte more', async () => {
    // Field 7, hardware, is skipped: three bytes of length fill it up to the limit.
    const filled = (size: number): Uint8Array => {
      const bytes = new Uint8Array(size);
      const length = size - 5;
      bytes.set([0x3a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, (length >> 14) | 0x80, 0]);
      return bytes;
    };
    let size = MAX_INFO_BYTES;
    await using peer = await startGrpcPeer(() => filled(size), { tls: FIRST_CERTIFICATE });
    const transport = transportOf();
    expect((await ask(peer.url, transport)).transcoder).toBe('');
    size += 1;
    expect(await refusal(ask(peer.url, transport))).toMatchObject({ code: 'body-too-large' });
  });

  test('may answer nonsense', async () => {
    await using peer = await startGrpcPeer(() => Uint8Array.of(0x0a, 9, 1));
    expect(await refusal(ask(peer.url))).toMatchObject({ code: 'malformed' });
  });

  test('is verified or pinned, as the transport has it; another certificate is refused', async () => {
    const first = await startGrpcPeer(() => BYTES, { tls: FIRST_CERTIFICATE });
    expect(await refusal(ask(first.url, transportOf({})))).toMatchObject({ code: 'tls' });
    const pinning = transportOf();
    await ask(first.url, pinning);
    first.stop();
    await new Promise(setImmediate); // the closed connection is noticed
    await using second = await startGrpcPeer(() => BYTES, { tls: SECOND_CERTIFICATE, port: first.port });
    const error = await refusal(ask(second.url, pinning));
    expect(error).toMatchObject({ code: 'tls', cause: { cause: expect.any(CertificateChangedError) } });
    expect(second.calls).toEqual([]);
  });

  test('is not asked at a private address where those are refused', async () => {
    await using peer = await startGrpcPeer(() => BYTES);
    const refusing = transportOf({ privateAddresses: 'refuse' });
    expect(await refusal(ask(peer.url, refusing))).toMatchObject({ code: 'forbidden-address' });
  });
});

describe('what is no gRPC server', () => {
  test.each([
    ['plain', undefined],
    ['TLS', FIRST_CERTIFICATE],
  ])('a server of HTTP/1.1, %s', async (_name, tls) => {
    await using server = await listen((_request, response) => void response.end('<html>'), {
      ...(tls !== undefined && { tls }),
    });
    expect(await refusal(ask(server.url))).toMatchObject({ code: 'unimplemented', url: server.url });
  });

  test('nothing at all', async () => {
    const server = await listen(() => {});
    await server.close();
    expect(await refusal(ask(server.url))).toMatchObject({ code: 'connect' });
  });

  test.each(['', 'ftp://o.example', 'https://user:secret@o.example', 'https://'])(
    'an address such as %j',
    async (address) => {
      const error = await refusal(ask(address));
      expect(error).toMatchObject({ code: 'invalid-address', url: '' });
      expect(error.message).not.toContain('secret');
    },
  );
});

const GRPC = { 'content-type': 'application/grpc+proto' };
const framed = (...bytes: number[]) => Uint8Array.of(0, 0, 0, 0, bytes.length, ...bytes);

test.each<[string, Parameters<typeof routeTransport>[0], object]>([
  ['404', () => ({ status: 404, headers: GRPC }), { code: 'unimplemented' }],
  ['503 of a proxy', () => ({ status: 503 }), { code: 'http-status', status: 503 }],
  ['no status', () => ({ headers: GRPC, body: framed() }), { code: 'malformed' }],
  [
    'a status that is no number',
    () => ({ headers: GRPC, body: framed(), trailers: { 'grpc-status': '0x0' } }),
    { code: 'malformed' },
  ],
  [
    'a status of its own, badly encoded',
    () => ({ headers: { ...GRPC, 'grpc-status': '99', 'grpc-message': '%zz' } }),
    { code: 'refused', status: 99, message: expect.stringContaining('status 99 (%zz)') },
  ],
  [
    'status 0 without a message',
    () => ({ headers: GRPC, trailers: { 'grpc-status': '0' } }),
    { code: 'malformed' },
  ],
  [
    'two messages',
    () => ({
      headers: GRPC,
      body: Buffer.concat([framed(), framed()]),
      trailers: { 'grpc-status': '0' },
    }),
    { code: 'malformed' },
  ],
  [
    'half a message',
    () => ({ headers: GRPC, body: Uint8Array.of(0, 0, 0, 0, 9, 1), trailers: { 'grpc-status': '0' } }),
    { code: 'malformed' },
  ],
  [
    'a compressed message',
    () => ({ headers: GRPC, body: Uint8Array.of(1, 0, 0, 0, 0), trailers: { 'grpc-status': '0' } }),
    { code: 'malformed' },
  ],
  [
    'a type that only begins like gRPC',
    () => ({ headers: { 'content-type': 'application/grpc-web' }, body: framed() }),
    { code: 'unimplemented' },
  ],
])('an answer with %s', async (_name, handler, expected) => {
  expect(await refusal(ask('https://o.example', routeTransport(handler)))).toMatchObject(expected);
});

test('whatever comes back, it is an answer or an OrchestratorRpcError', async () => {
  const header = fc.oneof(fc.constantFrom('0', '2', '12', 'application/grpc'), fc.string());
  const fields = fc.dictionary(fc.constantFrom('grpc-status', 'grpc-message', 'content-type'), header);
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => framed(...bytes)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100, max: 999 }),
      fields,
      body,
      fields,
      async (code, headers, ...rest) => {
        const [bytes, trailers] = rest;
        for (const reply of [
          { status: code, headers, body: bytes, trailers },
          { status: 200, headers: { ...headers, ...GRPC }, body: bytes, trailers: { 'grpc-status': '0' } },
        ]) {
          const transport = routeTransport(() => reply);
          await ask('https://o.example', transport).catch((error: unknown) =>
            expect(error).toBeInstanceOf(OrchestratorRpcError),
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});
