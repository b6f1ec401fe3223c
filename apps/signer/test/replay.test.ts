import {
  type Capabilities,
  decodePaymentHeader,
  decodeSegmentHeader,
  encodeBase64,
  encodeCapabilities,
  encodeOrchestratorInfo,
  type OrchestratorInfo,
} from '@lp/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { offer, offerText, startTestSigner, type TestSigner } from './signer-fixture.ts';

let signer: TestSigner;
beforeAll(async () => {
  signer = await startTestSigner();
});
afterAll(() => signer[Symbol.asyncDispose]());

const pay = (body: object) =>
  signer.post('/generate-live-payment', { type: '', inPixels: 100, ManifestID: 'm', ...body });

test('H3: the same request again gets the same bytes', async () => {
  const opening = { orchestrator: offerText() };
  const first = await pay(opening);
  expect(await pay(opening)).toMatchObject({ status: 200, text: first.text });
  const next = { orchestrator: offerText(), state: first.json.state };
  const second = await pay(next);
  expect(await pay(next)).toMatchObject({ status: 200, text: second.text });
});

test('H3: a Go gateway that encodes the same call with its maps in another order gets the same bytes', async () => {
  const info = offer({ priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 10n ** 8n } });
  const encoded = (order: 1 | -1) => {
    const inOrder = <T>(...entries: T[]): T[] => (order === 1 ? entries : entries.toReversed());
    const model = { warm: true, capacity: 1, runnerVersion: '', capacityInUse: 0 };
    const capabilities: Capabilities = {
      bitstring: [3n << 27n],
      mandatories: [],
      capacities: new Map(inOrder([27, 1], [35, 2])),
      version: '0.9.1',
      constraints: {
        minVersion: '',
        perCapability: new Map(inOrder([27, new Map()], [35, new Map(inOrder(['a', model], ['b', model]))])),
      },
    };
    return {
      orchestrator: encodeBase64(encodeOrchestratorInfo({ ...info, capabilities })),
      capabilities: encodeBase64(encodeCapabilities(capabilities)),
      type: 'lv2v',
      inPixels: order, // not looked at
    };
  };
  const [call, anew] = [encoded(1), encoded(-1)];
  expect(anew).not.toMatchObject({ orchestrator: call.orchestrator });
  expect(anew).not.toMatchObject({ capabilities: call.capabilities });
  const first = await pay(call);
  expect(first.status).toBe(200);
  expect(await pay(anew)).toMatchObject({ status: 200, text: first.text });
});

test.each<[string, Partial<OrchestratorInfo>]>([
  ['price', { priceInfo: { pricePerUnit: 6n, pixelsPerUnit: 2n } }],
  ['address', { address: `0x${'ab'.repeat(20)}` }],
  ['token', { authToken: { ...offer().authToken!, token: new Uint8Array(32) } }],
  ['end of the token', { authToken: { ...offer().authToken!, expiration: 2n ** 40n } }],
  ['seed', { ticketParams: { ...offer().ticketParams!, seed: 8n } }],
  ['face value', { ticketParams: { ...offer().ticketParams!, faceValue: 106n } }],
  ['end of the params', { ticketParams: { ...offer().ticketParams!, expirationBlock: 1041n } }],
])('H3: an offer with another %s is another request', async (_what, change) => {
  const info = offer();
  const { recipientRandHash } = info.ticketParams!;
  const other = { ...info, ...change };
  const first = { ...other, ticketParams: { ...other.ticketParams!, recipientRandHash } };
  for (const [index, asked] of [info, first].entries()) {
    const answer = await pay({ orchestrator: encodeBase64(encodeOrchestratorInfo(asked)) });
    expect(answer.status).toBe(index === 0 ? 200 : 409);
  }
});

test('H3, H4: another request on an answered state is 409, with the same params and with fresh ones', async () => {
  const { json } = await pay({ orchestrator: offerText() });
  const orchestrator = offerText();
  const { status } = await pay({ orchestrator, state: json.state });
  expect(status).toBe(200);
  const stale = { status: 409, json: { error: { code: 'stale-state' } } };
  expect(await pay({ orchestrator, state: json.state, inPixels: 101 })).toMatchObject(stale);
  // one reply may have been lost: made anew once, under other params
  const reminted = await pay({ orchestrator: offerText(), state: json.state });
  expect(reminted.status).toBe(200);
  expect(await pay({ orchestrator: offerText(), state: json.state })).toMatchObject(stale);
  expect(await pay({ orchestrator: offerText(), state: reminted.json.state })).toMatchObject({ status: 200 });
  expect(await pay({ orchestrator: offerText(), state: json.state })).toMatchObject(stale);
});

test('H5: a challenge opens one session', async () => {
  const orchestrator = offerText();
  expect(await pay({ orchestrator })).toMatchObject({ status: 200 });
  expect(await pay({ orchestrator, inPixels: 101 })).toMatchObject({
    status: 409,
    json: { error: { code: 'opening-used' } },
  });
});

test('H9: the manifest id stays', async () => {
  const { json } = await pay({ orchestrator: offerText() });
  expect(await pay({ orchestrator: offerText(), state: json.state, ManifestID: 'other' })).toMatchObject({
    status: 400,
    json: { error: { code: 'manifest-changed' } },
  });
});

test('a Go gateway names the manifest id after it opened: that one stays then', async () => {
  const first = await pay({ orchestrator: offerText(), ManifestID: undefined });
  expect(decodeSegmentHeader(first.json.segCreds).manifestId).toBe('9f8e7d6c');
  const job = await pay({ orchestrator: offerText(), state: first.json.state, ManifestID: 'job' });
  expect(job.status).toBe(200);
  expect(decodeSegmentHeader(job.json.segCreds).manifestId).toBe('job');
  for (const ManifestID of ['9f8e7d6c', 'another']) {
    expect(await pay({ orchestrator: offerText(), state: job.json.state, ManifestID })).toMatchObject({
      status: 400,
      json: { error: { code: 'manifest-changed' } },
    });
  }
  expect(await pay({ orchestrator: offerText(), state: job.json.state, ManifestID: 'job' })).toMatchObject({
    status: 200,
  });
});

test('two openings on one challenge share its nonces', async () => {
  const orchestrator = offerText();
  const answers = await Promise.all(['a', 'b', 'c'].map((ManifestID) => pay({ orchestrator, ManifestID })));
  const nonces = answers.flatMap(({ json }) =>
    decodePaymentHeader(json.payment).ticketSenderParams.map(({ senderNonce }) => senderNonce),
  );
  expect(new Set(nonces).size).toBe(nonces.length);
});
