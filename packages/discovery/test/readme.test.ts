import { readFileSync } from 'node:fs';
import { encodeOrchestratorInfo } from '@lp/protocol';
import { expect, test } from 'vitest';
import { FIRST_CERTIFICATE } from '../../runtime/test/certificates.ts';
import { startGrpcPeer } from './grpc-peer.ts';
import { modelsOf } from './readme-example.ts';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

test('the example of gRPC is the one that is run', async () => {
  expect(read('../README.md')).toContain(read('readme-example.ts'));
  const model = { warm: true, capacity: 1, runnerVersion: '', capacityInUse: 0 };
  const info = encodeOrchestratorInfo({
    transcoder: '',
    address: `0x${'aa'.repeat(20)}`,
    priceInfo: { pricePerUnit: 3n, pixelsPerUnit: 2n },
    capabilities: {
      bitstring: [],
      mandatories: [],
      capacities: new Map(),
      version: '',
      constraints: { minVersion: '', perCapability: new Map([[35, new Map([['scope', model]])]]) },
    },
  });
  await using peer = await startGrpcPeer(() => info, { tls: FIRST_CERTIFICATE });
  const sender = { address: `0x${'11'.repeat(20)}`, signature: new Uint8Array(65) } as const;
  expect(await modelsOf(peer.url, sender)).toEqual(['live-video-to-video/scope 3/2']);
});
