import { parseRatio, ratio } from '@lp/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOne, ORCHESTRATOR, vectors } from '../../test/sender-fixture.ts';
import { bytesToHex, hexToBytes, privateKeySigner } from '../index.ts';
import { SignerRefusal } from './refusal.ts';
import { decodeState, encodeState, type SignerState, signState, verifyState } from './state.ts';

const utf8 = new TextEncoder();

// remote-signer.md section 3.3
const DOCUMENTED =
  '{"StateID":"0a1b2c3d","PMSessionID":"0x1111111111111111111111111111111111111111111111111111111111111111","LastUpdate":"2026-08-20T12:00:00.123456789Z","OrchestratorAddress":"0x00000000000000000000000000000000000000aa","App":"","AuthExpiry":0,"SenderNonce":1,"Balance":"5/7","InitialPricePerUnit":3,"InitialPixelsPerUnit":1,"Type":"live","SequenceNumber":0,"AuthID":""}';
const DOCUMENTED_SIG =
  '0x8ba00ca7eba4132c4f6e278a95374086b90eb4c99f3e643fdde5fbe6029267970e211515a05a060bd54c4b7103aa7cc1a63e0b15c50231a7ab4a0c499e5a3d0d1b';
const DOCUMENTED_STATE: SignerState = {
  stateId: '0a1b2c3d',
  pmSessionId: `0x${'11'.repeat(32)}`,
  lastUpdateNs: 1_787_227_200_123_456_789n,
  orchestratorAddress: ORCHESTRATOR,
  app: '',
  authExpiry: 0n,
  senderNonce: 1,
  balance: ratio(5n, 7n),
  initialPricePerUnit: 3n,
  initialPixelsPerUnit: 1n,
  type: 'live',
  sequenceNumber: 0n,
  authId: '',
};

test('the documented state, both ways, byte for byte', async () => {
  expect(new TextDecoder().decode(encodeState(DOCUMENTED_STATE))).toBe(DOCUMENTED);
  expect(decodeState(utf8.encode(DOCUMENTED))).toEqual(DOCUMENTED_STATE);
  const state = utf8.encode(DOCUMENTED);
  const sig = await signState(state, keyOne());
  expect(bytesToHex(sig)).toBe(DOCUMENTED_SIG);
  expect(verifyState({ state, sig }, keyOne().address)).toBe(true);
});

test('the derived vector of a state signature', async () => {
  const vector = await vectors<{ stateUtf8: string; signature: `0x${string}` }>(
    'pm-derived.json',
    'remoteSignerStateSig',
  );
  const keys = await vectors<{ senderPrivateKey: `0x${string}` }>('pm-derived.json', 'keys');
  const sig = await signState(utf8.encode(vector.stateUtf8), privateKeySigner(keys.senderPrivateKey));
  expect(bytesToHex(sig)).toBe(vector.signature);
});

test('any change of a byte breaks the signature', () => {
  const state = utf8.encode(DOCUMENTED);
  const sig = hexToBytes(DOCUMENTED_SIG);
  fc.assert(
    fc.property(fc.nat(state.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const forged = Uint8Array.from(state);
      forged[at] = (forged[at] ?? 0) ^ flip;
      expect(verifyState({ state: forged, sig }, keyOne().address)).toBe(false);
    }),
    { numRuns: 25 },
  );
  expect(verifyState({ state, sig: new Uint8Array() }, keyOne().address)).toBe(false);
  expect(verifyState({ state, sig }, ORCHESTRATOR)).toBe(false);
});

test("prints Go's HTML escapes", () => {
  const text = new TextDecoder().decode(encodeState({ ...DOCUMENTED_STATE, app: '<a&b>\u2028"' }));
  expect(text).toContain('"App":"\\u003ca\\u0026b\\u003e\\u2028\\""');
  expect(decodeState(utf8.encode(text)).app).toBe('<a&b>\u2028"');
});

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
const anyState: fc.Arbitrary<SignerState> = fc.record({
  stateId: fc.string(),
  pmSessionId: fc.string(),
  lastUpdateNs: fc.option(fc.bigInt(0n, 4n * 10n ** 18n), { nil: undefined }),
  orchestratorAddress: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => bytesToHex(bytes)),
  app: fc.string({ unit: 'binary' }),
  authExpiry: int64,
  senderNonce: fc.nat(2 ** 32 - 1),
  balance: fc
    .tuple(fc.bigInt(-(2n ** 300n), 2n ** 300n), fc.bigInt(1n, 2n ** 300n))
    .map(([n, d]) => ratio(n, d)),
  initialPricePerUnit: int64,
  initialPixelsPerUnit: int64,
  type: fc.string(),
  sequenceNumber: uint64,
  authId: fc.string(),
});

test('reads back every state it prints, to the last digit', () => {
  fc.assert(
    fc.property(anyState, (state) => {
      expect(decodeState(encodeState(state))).toEqual(state);
    }),
  );
});

test('an unreadable balance counts as 0, decimals and exponents are read', () => {
  const withBalance = (balance: string) =>
    decodeState(utf8.encode(DOCUMENTED.replace('"5/7"', JSON.stringify(balance)))).balance;
  expect(withBalance('')).toEqual(ratio(0n));
  expect(withBalance('lots')).toEqual(ratio(0n));
  expect(withBalance('1/0')).toEqual(ratio(0n));
  expect(withBalance('-2.5e1')).toEqual(parseRatio('-25'));
});

test.each([
  'null',
  '[]',
  '7',
  '{',
  DOCUMENTED.replace('"live"', '7'),
  DOCUMENTED.replace('00aa"', '00a"'),
  DOCUMENTED.replace('"SenderNonce":1', '"SenderNonce":4294967296'),
  DOCUMENTED.replace('"SenderNonce":1', '"SenderNonce":-1'),
  DOCUMENTED.replace('"SenderNonce":1', '"SenderNonce":1.5'),
  DOCUMENTED.replace('"SequenceNumber":0', '"SequenceNumber":"0"'),
  DOCUMENTED.replace('"AuthExpiry":0', '"AuthExpiry":9223372036854775808'),
  DOCUMENTED.replace('2026-08-20T', '2026-08-20 '),
])('not a state: %#', (text) => {
  expect(() => decodeState(utf8.encode(text))).toThrow(
    expect.objectContaining({ status: 400, code: 'invalid-state', message: 'invalid state' }),
  );
});

test('arbitrary bytes and JSON are a state or a refusal', () => {
  const attempt = (bytes: Uint8Array) => {
    try {
      decodeState(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(SignerRefusal);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt));
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(JSON.parse(DOCUMENTED))), fc.jsonValue()),
      (fields) => attempt(utf8.encode(JSON.stringify(fields))),
    ),
  );
});
