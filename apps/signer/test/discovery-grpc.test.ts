import { decodeOrchestratorRequest, encodeOrchestratorInfo } from '@lp/protocol';
import { createTransport } from '@lp/runtime';
import { afterEach, expect, test } from 'vitest';
import { startGrpcPeer } from '../../../packages/discovery/test/grpc-peer.ts';
import { FIRST_CERTIFICATE, SECOND_CERTIFICATE } from '../../../packages/runtime/test/certificates.ts';
import { verifiedOrPinned } from '../src/discovery/verified-or-pinned.ts';
import { infoOf } from './grpc-reply.ts';
import { startOrchestratorPort } from './orchestrator-port.ts';
import { call, startTestSigner } from './signer-fixture.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** As the program makes it. */
function transportOf(privateAddresses: 'allow' | 'refuse' = 'allow') {
  const verify = createTransport({ privateAddresses });
  const pin = createTransport({ privateAddresses, tls: 'pin' });
  cleanups.push(
    () => verify.close(),
    () => pin.close(),
  );
  return verifiedOrPinned({ verify, pin });
}

const runnersOf = (url: string, ...apps: string[]) =>
  JSON.stringify([
    {
      address: url,
      runners: apps.map((app) => ({
        url: `${url}/apps/${app}/session`,
        app,
        price_info: { price: 7, currency: 'wei', unit: 'seconds' },
      })),
    },
  ]);

test('a port with both halves, one with gRPC only and one with runners only are all listed', async () => {
  await using both = await startOrchestratorPort(FIRST_CERTIFICATE, (url) => ({
    runners: runnersOf(url, 'lp/edges'),
    info: infoOf(url, { 35: ['scope'], 27: ['sd'] }),
  }));
  await using old = await startGrpcPeer(() => encodeOrchestratorInfo(infoOf(old.url, { 35: ['comfyui'] })), {
    tls: SECOND_CERTIFICATE,
  });
  await using young = await startOrchestratorPort(SECOND_CERTIFICATE, (url) => ({
    runners: runnersOf(url, 'lp/blur'),
  }));
  const flags = ['--orchestrators', [both.url, old.url, young.url].join(',')];
  await using signer = await startTestSigner({ flags, transport: transportOf() });
  const listed = async (query = '') => (await call(`${signer.url}/discover-orchestrators${query}`)).json;
  await expect.poll(() => listed()).toHaveLength(3);
  expect(await listed()).toMatchObject([
    {
      address: both.url,
      score: 1,
      capabilities: ['live-video-to-video/scope', 'lp/edges', 'text-to-image/sd'],
      runners: [{ app: 'lp/edges' }],
      age_ms: expect.any(Number),
    },
    { address: old.url, capabilities: ['live-video-to-video/comfyui'] },
    { address: young.url, capabilities: ['lp/blur'], runners: [{ app: 'lp/blur' }] },
  ]);
  expect((await listed())[1]).not.toHaveProperty('runners');
  const found = (await listed('?caps=live-video-to-video/comfyui&caps=lp/edges')) as { address: string }[];
  expect(found.map(({ address }) => address)).toEqual([old.url, both.url]);

  // Both were asked with the signature that /sign-orchestrator-info gives.
  const { json: login } = await signer.post('/sign-orchestrator-info', {});
  for (const asked of [both.asked[0], old.calls[0]?.bytes]) {
    const { address, sig, capabilities, ignoreCapacityCheck } = decodeOrchestratorRequest(asked!);
    expect(address).toBe((login.address as string).toLowerCase());
    expect(`0x${Buffer.from(sig!).toString('hex')}`).toBe(login.signature);
    expect(capabilities).toBeUndefined();
    expect(ignoreCapacityCheck).toBe(true);
  }

  const metrics = (await call(`${signer.adminUrl}/metrics`)).text;
  for (const half of ['runners', 'capabilities']) {
    expect(metrics).toContain(`lp_signer_discovery_orchestrators{half="${half}",state="answered"} 2`);
    expect(metrics).toContain(`lp_signer_discovery_orchestrators{half="${half}",state="none"} 1`);
  }
});

test("the operator's ceilings hide capabilities by model, and with none left the entry", async () => {
  const price = (pricePerUnit: bigint, constraint: string) => ({
    pricePerUnit,
    pixelsPerUnit: 1n,
    capability: 35,
    constraint,
  });
  await using one = await startOrchestratorPort(FIRST_CERTIFICATE, (url) => ({
    info: infoOf(
      url,
      { 35: ['cheap', 'dear'] },
      { capabilitiesPrices: [price(9n, 'cheap'), price(11n, 'dear')] },
    ),
  }));
  const ceilings = (wei: number) =>
    JSON.stringify({ capabilities_prices: [{ pipeline: 'live-video-to-video', price_per_unit: wei }] });
  const flags = ['--orchestrators', one.url, '--max-wei-per-pixel', '100', '--ceilings'];
  {
    await using signer = await startTestSigner({ flags: [...flags, ceilings(10)], transport: transportOf() });
    await expect
      .poll(async () => (await call(`${signer.url}/discover-orchestrators`)).json)
      .toMatchObject([{ capabilities: ['live-video-to-video/cheap'] }]);
  }
  await using signer = await startTestSigner({ flags: [...flags, ceilings(8)], transport: transportOf() });
  await expect.poll(() => one.asked.length).toBe(2);
  expect(await call(`${signer.url}/discover-orchestrators`)).toMatchObject({ status: 503 });
});

test('gRPC at private addresses is refused like everything there', async () => {
  await using one = await startOrchestratorPort(FIRST_CERTIFICATE, (url) => ({
    info: infoOf(url, { 35: ['m'] }),
  }));
  const flags = ['--orchestrators', one.url];
  await using signer = await startTestSigner({ flags, transport: transportOf('refuse') });
  const refused = () =>
    signer.lines.flatMap((line) => {
      const { code, of } = JSON.parse(line) as { code?: string; of?: string };
      return code === 'forbidden-address' ? [of] : [];
    });
  await expect.poll(refused).toHaveLength(2);
  expect(refused().sort()).toEqual(['capabilities', 'runners']);
  expect(one.asked).toEqual([]);
});
