import { encodeBase64, encodeOrchestratorInfo, type OrchestratorInfo } from '@lp/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { offer, offerText, startTestSigner, type TestSigner } from './signer-fixture.ts';

let signer: TestSigner;
beforeAll(async () => {
  signer = await startTestSigner();
});
afterAll(() => signer[Symbol.asyncDispose]());

const EXPECTED = new Set([200, 400, 409, 480, 481, 482]);

async function attempt(body: unknown): Promise<void> {
  const answer = await signer.post('/generate-live-payment', body);
  const refusedBatch = answer.status === 500 && answer.json.error.code === 'batch-refused';
  if (!EXPECTED.has(answer.status) && !refusedBatch) expect.fail(`${answer.status} ${answer.text}`);
  if (answer.status !== 200) {
    const { lpFunding: _told, ...error } = answer.json.error;
    expect(error).toEqual({ message: expect.any(String), code: expect.any(String) });
    expect(Object.keys(answer.json)).toEqual(['error']);
  }
}

const bytes = fc.uint8Array({ maxLength: 200 });
const base64 = bytes.map(encodeBase64);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'live', 'lv2v', 'fixed', '__proto__'),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(2 ** 53, 2 ** 63, -(2 ** 63), 1e300),
);
const junk = fc.jsonValue({ maxDepth: 3 });

/** A valid call of each kind. */
const valid = fc.constantFrom('live', 'lv2v', 'fixed', '').map((type) => ({
  orchestrator: offerText(), // new params for every run
  ManifestID: 'abc',
  app: 'lp/edges',
  inPixels: 10,
  type,
}));

test.each<[string, fc.Arbitrary<unknown>]>([
  ['orchestrator', fc.oneof(base64, text, junk)],
  ['ManifestID', fc.oneof(text, junk)],
  ['app', fc.oneof(text, junk)],
  ['inPixels', fc.oneof(number, junk)],
  [
    'lpFunding',
    fc.oneof(
      fc.record(
        { leadMs: number, exact: fc.oneof(fc.boolean(), junk), unit: text, atMostNs: number },
        { requiredKeys: [] },
      ),
      junk,
    ),
  ],
  ['type', fc.oneof(text, junk)],
  ['capabilities', fc.oneof(base64, text, junk)],
  ['state', fc.oneof(fc.record({ State: fc.oneof(base64, junk), Sig: fc.oneof(base64, junk) }), junk)],
  [
    'maxPrice',
    fc.oneof(
      fc.record({ price: fc.oneof(number, text), currency: text, unit: text }, { requiredKeys: [] }),
      junk,
    ),
  ],
])('any %s is answered or refused by name', async (field, values) => {
  await fc.assert(
    fc.asyncProperty(valid, values, (body, value) => attempt({ ...body, [field]: value })),
    { numRuns: 60 },
  );
});

const uint256 = fc.oneof(
  fc.bigInt(0n, 2n ** 256n - 1n),
  fc.bigInt(0n, 10n ** 6n),
  fc.constantFrom(0n, 1n, 2n ** 256n - 1n, 2n ** 255n),
);
const int64 = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.bigInt(-5n, 5n),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
);
const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((value) => `0x${Buffer.from(value).toString('hex')}` as const);
const anyOffer: fc.Arbitrary<Partial<OrchestratorInfo>> = fc.record(
  {
    transcoder: fc.string({ unit: 'binary' }),
    priceInfo: fc.record({ pricePerUnit: int64, pixelsPerUnit: int64 }),
    authToken: fc.record({ token: bytes, sessionId: text, expiration: int64 }),
    ticketParams: fc.record(
      {
        recipient: fc.constant(`0x${'bb'.repeat(20)}` as const),
        faceValue: uint256,
        winProb: uint256,
        recipientRandHash: hash,
        seed: uint256,
        expirationBlock: uint256,
        expirationParams: fc.record({ creationRound: int64, creationRoundBlockHash: hash }),
      },
      { requiredKeys: ['recipient', 'faceValue', 'winProb', 'recipientRandHash', 'seed', 'expirationBlock'] },
    ),
  },
  { requiredKeys: [] },
);

test('any number in the offer is answered or refused by name', async () => {
  await fc.assert(
    fc.asyncProperty(valid, anyOffer, (body, change) =>
      attempt({ ...body, orchestrator: encodeBase64(encodeOrchestratorInfo(offer(change))) }),
    ),
    { numRuns: 400 },
  );
});

test('a flipped byte of a valid offer is answered or refused by name', async () => {
  const { length } = encodeOrchestratorInfo(offer());
  await fc.assert(
    fc.asyncProperty(valid, fc.nat(length - 1), fc.nat(255), (body, at, value) => {
      const bad = encodeOrchestratorInfo(offer());
      bad[at] = value;
      return attempt({ ...body, orchestrator: encodeBase64(bad) });
    }),
    { numRuns: 300 },
  );
});

test('a flipped byte of a valid state is refused', async () => {
  const first = await signer.post('/generate-live-payment', {
    orchestrator: offerText(),
    type: '',
    inPixels: 1,
  });
  const state = Buffer.from(first.json.state.State as string, 'base64');
  await fc.assert(
    fc.asyncProperty(fc.nat(state.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const forged = Uint8Array.from(state);
      forged[at] = (forged[at] ?? 0) ^ flip;
      const answer = await signer.post('/generate-live-payment', {
        orchestrator: offerText(),
        ManifestID: 'abc',
        type: '',
        inPixels: 1,
        state: { State: encodeBase64(forged), Sig: first.json.state.Sig },
      });
      expect(answer).toMatchObject({ status: 400, json: { error: { message: 'invalid sig' } } });
    }),
    { numRuns: 50 },
  );
});

test('bytes that are no JSON, and JSON that is no request, are refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 500 }),
        fc.json().map((json) => new TextEncoder().encode(json)),
      ),
      attempt,
    ),
    { numRuns: 200 },
  );
});

test('a nesting of thousands of levels does not take the process down', async () => {
  await attempt(`${'['.repeat(100_000)}`);
  await attempt(`{"state":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`);
});
