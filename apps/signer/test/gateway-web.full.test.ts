import { createGateway, type PaymentPhase } from '@pymthouse/gateway-web';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PaidNetwork, startPaidNetwork } from './paid-network.ts';

// A client that nobody here wrote, as it is on the registry, against our signer and our orchestrator.

let network: PaidNetwork;
beforeAll(async () => {
  network = await startPaidNetwork();
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

test('@pymthouse/gateway-web finds the runner, pays a session for some while and stops it', async () => {
  const phases: [string, PaymentPhase][] = [];
  const gateway = createGateway({
    signerUrl: network.signerUrl,
    signerHeaders: { ...network.headers },
    attributionSource: 'lp_test',
  });
  const session = await gateway.reserveSession({
    capability: network.app,
    gatewayRequestId: 'request-1',
    onPayment: ({ manifestId, phase }) => void phases.push([manifestId, phase]),
  });
  expect(phases.map(([, phase]) => phase)).toEqual(['prepared', 'accepted']);
  expect(session.runner.app).toBe(network.app);

  const { data } = await gateway.callSession(session, { endpoint: '/stream', payload: { effect: 'edges' } });
  expect(data).toMatchObject({ in: expect.any(String), out: expect.any(String) });

  // The opening pays 10 s; its loop pays every 3 s: after 16 s only further payments keep the session.
  await new Promise((resolve) => setTimeout(resolve, 16_000));
  expect(session.released).toBe(false);
  const ledger = await network.ledger(session.sessionId);
  const again = await gateway.callSession(session, { endpoint: '/stream', payload: { effect: 'sepia' } });
  expect(again.data).toHaveProperty('in');
  await gateway.stopSession(session);

  const paid = network.signer.stderr().match(/"msg":"paid"/g) ?? [];
  expect(paid.length).toBeGreaterThan(1);
  expect(network.signer.stderr()).toContain('"caller":"foreign-client"');
  expect(ledger).toMatchObject({ manifestId: session.sessionId });
});

test('without the key it is told so and nothing is paid', async () => {
  const before = network.signer.stderr().match(/"msg":"paid"/g)?.length ?? 0;
  const gateway = createGateway({ signerUrl: network.signerUrl });
  await expect(gateway.reserveSession({ capability: network.app })).rejects.toThrow(/401/);
  expect(network.signer.stderr().match(/"msg":"paid"/g)?.length ?? 0).toBe(before);
});
