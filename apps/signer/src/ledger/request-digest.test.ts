import { createHash } from 'node:crypto';
import type { MessageSigner } from '@lp/pm';
import {
  DEFAULT_SENDER_LIMITS,
  encodeAnswer,
  encodeState,
  type LivePaymentRequest,
  openPayment,
  planPayment,
  SignerRefusal,
  signPayment,
} from '@lp/pm/sender';
import { encodeCapabilities, encodeOrchestratorInfo, stringifyJson } from '@lp/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offer } from '../../test/signer-fixture.ts';
import { requestDigest } from './request-digest.ts';

const START_NS = BigInt(Date.UTC(2026, 7, 20)) * 1_000_000n;
const HASH = `0x${'33'.repeat(32)}` as const;
const CHAIN = {
  l1Block: 1000n,
  lastInitializedRound: 8n,
  roundBlockHash: HASH,
  senderInfo: {
    deposit: 10n ** 18n,
    withdrawRound: 0n,
    reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
  },
};
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const model = { warm: true, capacity: 1, runnerVersion: '', capacityInUse: 0 };
const capabilities = (...models: string[]): Uint8Array =>
  encodeCapabilities({
    bitstring: [1n],
    mandatories: [],
    capacities: new Map(),
    version: '',
    constraints: {
      minVersion: '',
      perCapability: new Map([[35, new Map(models.map((name) => [name, model]))]]),
    },
  });

/** Values of everything that a request says: each choice is an index. */
const CHOICES = {
  transcoder: ['https://a', 'https://b'],
  address: [`0x${'aa'.repeat(20)}`, `0x${'ab'.repeat(20)}`],
  recipient: [`0x${'aa'.repeat(20)}`, `0x${'ab'.repeat(20)}`],
  recipientRandHash: [HASH, `0x${'34'.repeat(32)}`],
  faceValue: [105n, 106n],
  winProb: [(2n ** 256n - 1n) / 3n, (2n ** 256n - 1n) / 4n],
  seed: [0n, 7n],
  expirationBlock: [1040n, 1041n],
  expirationParams: [
    undefined,
    { creationRound: 0n, creationRoundBlockHash: HASH },
    { creationRound: 9n, creationRoundBlockHash: HASH },
    { creationRound: 9n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
  ],
  pricePerUnit: [3n, 6n],
  pixelsPerUnit: [1n, 2n],
  capability: [undefined, 0, 5],
  constraint: [undefined, '', 'm'],
  token: [bytes(), bytes(1), bytes(0x10, 1)],
  sessionId: ['s', 't'],
  expiration: [START_NS / 10n ** 9n + 1800n, START_NS / 10n ** 9n + 1801n],
  manifestId: ['', 's', 'm'],
  app: ['', 'a', '\ud800', '\ufffd'],
  inPixels: [5n, 6n],
  type: ['live', 'lv2v', 'fixed', ''],
  capabilities: [
    bytes(),
    bytes(0x98, 0x06, 1),
    capabilities('a'),
    capabilities('a', 'b'),
    capabilities('b', 'a'),
  ],
  funding: [
    undefined,
    {},
    { exact: true },
    { exact: false },
    { leadMs: 20_000n },
    { leadMs: 20_000n, exact: true },
    { unit: 'seconds', leadMs: 20_000n },
    { unit: 'nanoseconds' },
    { atMostNs: 0n },
  ],
} as const;
type Choice = Record<keyof typeof CHOICES, number>;

function requestOf(choice: Choice): LivePaymentRequest {
  // the choices are of the types that the fields have
  const chosen = Object.fromEntries(
    Object.entries(CHOICES).map(([name, values]) => [
      name,
      values[(choice[name as keyof Choice] ?? 0) % values.length],
    ]),
  ) as { [K in keyof typeof CHOICES]: (typeof CHOICES)[K][number] };
  const { transcoder, address, pricePerUnit, pixelsPerUnit, capability, constraint } = chosen;
  const { token, sessionId, expiration, expirationParams, funding, ...rest } = chosen;
  const info = offer({
    transcoder,
    address,
    ticketParams: { ...rest, ...(expirationParams && { expirationParams }) },
    priceInfo: {
      pricePerUnit,
      pixelsPerUnit,
      ...(capability !== undefined && { capability }),
      ...(constraint !== undefined && { constraint }),
    },
    authToken: { token, sessionId, expiration },
  });
  const { manifestId, app, inPixels, type } = chosen;
  return {
    orchestrator: encodeOrchestratorInfo(info),
    manifestId,
    app,
    inPixels,
    type,
    capabilities: chosen.capabilities,
    ...(funding && { funding }),
  };
}

/** "Signs" with a hash: different messages have different signatures. */
const signer: MessageSigner = {
  address: `0x${'01'.repeat(20)}`,
  signMessages: async (messages) =>
    messages.map((message) => {
      const sig = new Uint8Array(65);
      sig.set(createHash('sha512').update(message).digest());
      return sig;
    }),
};

/** The digest of a request and what it would be answered, byte for byte; `undefined` for one that is refused. */
async function askedAndAnswered(request: LivePaymentRequest) {
  const random = { bytes: (length: number) => new Uint8Array(length) };
  try {
    const opened = openPayment(request, { sender: signer.address, random });
    const limits = DEFAULT_SENDER_LIMITS;
    const now = { nowNs: START_NS, chain: CHAIN, limits, ceilings: [] };
    const plan = planPayment(opened, { sender: signer.address, ...now });
    const payment = { ...plan, state: encodeState(plan.nextState) };
    const { state, ...answer } = encodeAnswer(payment, await signPayment(payment, signer));
    const signed = [state.state, state.sig].map((part) => Buffer.from(part).toString('hex'));
    const digest = Buffer.from(requestDigest(request, opened)).toString('hex');
    return {
      digest,
      answer: JSON.stringify([answer.payment, answer.segCreds, signed]) + stringifyJson(creditOf(answer)),
    };
  } catch (error) {
    if (error instanceof SignerRefusal) return undefined;
    throw error;
  }
}

function creditOf({
  credit,
}: {
  readonly credit: { readonly creditWei: { n: bigint; d: bigint } };
}): unknown {
  return { ...credit, creditWei: [credit.creditWei.n, credit.creditWei.d] };
}

const choice = fc.record(
  Object.fromEntries(Object.keys(CHOICES).map((name) => [name, fc.nat(10)])),
) as unknown as fc.Arbitrary<Choice>; // the same keys

test('requests with one digest have one answer, whichever of their fields differs', async () => {
  const told = new Set<string>();
  const names = Object.keys(CHOICES) as (keyof Choice)[];
  await fc.assert(
    fc.asyncProperty(choice, fc.constantFrom(...names), fc.nat(10), async (base, name, value) => {
      const one = await askedAndAnswered(requestOf(base));
      const other = await askedAndAnswered(requestOf({ ...base, [name]: value }));
      if (one === undefined || other === undefined) return;
      if (one.digest === other.digest) expect(other.answer, name).toBe(one.answer);
      else if (one.answer !== other.answer) told.add(name);
    }),
    { numRuns: 2000 },
  );
  // everything but the URL, which no answer has, tells requests apart
  expect(names.filter((name) => !told.has(name))).toEqual(['transcoder']);
});
