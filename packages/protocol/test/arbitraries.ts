import fc from 'fast-check';
import type {
  Capabilities,
  Hex,
  OrchestratorInfo,
  OrchestratorRequest,
  Payment,
  PriceInfo,
  SegData,
  TicketExpirationParams,
  TicketParams,
} from '../src/index.ts';

const hex = (length: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex);
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const anyInt64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyUint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => value.isWellFormed());

// Optional fields are left out, never set to undefined.
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[]) =>
  fc.record(model, { requiredKeys: required as never }) as fc.Arbitrary<T>;

const expirationParams = fc.record({
  creationRound: anyInt64,
  creationRoundBlockHash: hex(32),
}) satisfies fc.Arbitrary<TicketExpirationParams>;

const ticketParams = (withExpiration: boolean) =>
  record<TicketParams>(
    {
      recipient: hex(20),
      faceValue: uint256,
      winProb: uint256,
      recipientRandHash: hex(32),
      seed: uint256,
      expirationBlock: uint256,
      ...(withExpiration && { expirationParams }),
    },
    ['recipient', 'faceValue', 'winProb', 'recipientRandHash', 'seed', 'expirationBlock'],
  );

const price = record<PriceInfo>(
  {
    pricePerUnit: anyInt64,
    pixelsPerUnit: anyInt64,
    capability: fc.integer({ min: 1, max: 0xffff_ffff }),
    constraint: text.filter((value) => value !== ''),
  },
  ['pricePerUnit', 'pixelsPerUnit'],
);

const authToken = fc.record({ token: bytes(32), sessionId: text, expiration: anyInt64 });

const model = fc.record({
  warm: fc.boolean(),
  capacity: anyUint32,
  runnerVersion: text,
  capacityInUse: anyUint32,
});

const mapOf = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>) =>
  fc
    .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 4 })
    .map((entries) => new Map(entries));

export const capabilities: fc.Arbitrary<Capabilities> = record<Capabilities>(
  {
    bitstring: fc.array(uint64, { maxLength: 4 }),
    mandatories: fc.array(uint64, { maxLength: 4 }),
    capacities: mapOf(anyUint32, anyUint32),
    version: text,
    constraints: fc.record({ minVersion: text, perCapability: mapOf(anyUint32, mapOf(text, model)) }),
  },
  ['bitstring', 'mandatories', 'capacities', 'version'],
);

export const orchestratorRequest: fc.Arbitrary<OrchestratorRequest> = record<OrchestratorRequest>(
  { address: hex(20), sig: bytes(65), capabilities, ignoreCapacityCheck: fc.boolean() },
  ['ignoreCapacityCheck'],
);

export const orchestratorInfo: fc.Arbitrary<OrchestratorInfo> = record<OrchestratorInfo>(
  {
    transcoder: text,
    ticketParams: ticketParams(true),
    priceInfo: price,
    address: hex(20),
    capabilities,
    authToken,
    capabilitiesPrices: fc.array(price, { minLength: 1, maxLength: 3 }),
    nodes: fc.array(text, { minLength: 1, maxLength: 3 }),
  },
  ['transcoder', 'address'],
);

export const payment: fc.Arbitrary<Payment> = record<Payment>(
  {
    ticketParams: ticketParams(false),
    sender: hex(20),
    expirationParams,
    ticketSenderParams: fc.array(fc.record({ senderNonce: anyUint32, sig: bytes(65) }), { maxLength: 5 }),
    expectedPrice: price,
  },
  ['ticketSenderParams'],
);

export const segData: fc.Arbitrary<SegData> = record<SegData>(
  {
    manifestId: text,
    seq: anyInt64,
    hash: bytes(32),
    profiles: fc.uint8Array({ maxLength: 20 }),
    sig: bytes(65),
    durationMs: fc.integer({ min: 0, max: 300_000 }),
    capabilities,
    authToken,
  },
  ['manifestId', 'seq', 'hash', 'profiles', 'sig', 'durationMs'],
);
