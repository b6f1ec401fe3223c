import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBase64,
  decodeCapabilities,
  decodeOrchestratorInfo,
  decodePaymentHeader,
  decodePaymentResult,
  decodeSegmentHeader,
  encodeBase64,
  encodeCapabilities,
  encodeOrchestratorInfo,
  encodePaymentHeader,
  encodePaymentResult,
  encodeSegmentHeader,
  JsonDecimal,
  type PaymentResult,
  parseJson,
  stringifyJson,
} from '../src/index.ts';
import { capabilities, orchestratorInfo, payment, segData } from './arbitraries.ts';

/** Every value comes back as it was sent. */
function roundTrip<T>(name: string, values: fc.Arbitrary<T>, there: (value: T) => T) {
  it(name, () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(there(value)).toEqual(value);
      }),
    );
  });
}

describe('values survive the wire', () => {
  roundTrip('capabilities', capabilities, (value) => decodeCapabilities(encodeCapabilities(value)));
  roundTrip('offers', orchestratorInfo, (value) => decodeOrchestratorInfo(encodeOrchestratorInfo(value)));
  roundTrip('payments', payment, (value) => decodePaymentHeader(encodePaymentHeader(value)));
  roundTrip('segment credentials', segData, (value) => decodeSegmentHeader(encodeSegmentHeader(value)));
  roundTrip<PaymentResult>('payment results', fc.record({ info: orchestratorInfo }), (value) =>
    decodePaymentResult(encodePaymentResult(value)),
  );
  roundTrip<Uint8Array>('base64', fc.uint8Array({ maxLength: 200 }), (value) =>
    decodeBase64(encodeBase64(value)),
  );

  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.string({ unit: 'binary' }),
      fc.maxSafeInteger().map((value) => value + 0),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
      fc.bigInt({ min: -(2n ** 80n), max: -(2n ** 53n) }),
      fc
        .tuple(fc.bigInt(), fc.nat(), fc.integer({ min: -99, max: 99 }))
        .map(([whole, fraction, exponent]) => new JsonDecimal(`${whole}.${fraction}e${exponent}`)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  roundTrip<unknown>('JSON with numbers of any size', json, (value) => parseJson(stringifyJson(value)));
});

describe('base64', () => {
  it('agrees with the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
    );
  });
});
