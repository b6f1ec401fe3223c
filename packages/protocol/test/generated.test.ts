import { type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCapabilities,
  decodeOrchestratorInfo,
  decodeOrchestratorRequest,
  decodePayment,
  decodePaymentResult,
  decodeSegData,
  encodeCapabilities,
  encodeOrchestratorInfo,
  encodeOrchestratorRequest,
  encodePayment,
  encodePaymentResult,
  encodeSegData,
  WireError,
} from '../src/index.ts';
import { capabilities, orchestratorInfo, orchestratorRequest, payment, segData } from './arbitraries.ts';
import {
  CapabilitiesSchema,
  OrchestratorInfoSchema,
  OrchestratorRequestSchema,
  PaymentResultSchema,
  PaymentSchema,
  SegDataSchema,
} from './gen/net/live_payment_pb.ts';

/** What protoc-gen-es makes of the bytes, without fields that it does not know. */
function generated(schema: DescMessage, bytes: Uint8Array): Uint8Array {
  return toBinary(schema, fromBinary(schema, bytes, { readUnknownFields: false }));
}

function agrees<T>(
  name: string,
  schema: DescMessage,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T,
) {
  describe(`${name} agrees with the code generated from proto/`, () => {
    it('in the values it writes and reads', () => {
      fc.assert(
        fc.property(values, (value) => {
          const bytes = encode(value);
          expect(decode(generated(schema, bytes))).toEqual(value);
          // Same size: nothing was lost. Only the order of map entries is free.
          expect(generated(schema, bytes)).toHaveLength(bytes.length);
        }),
      );
    });

    it('in merging a message that comes in two parts', () => {
      fc.assert(
        fc.property(values, values, (first, second) => {
          const bytes = Buffer.concat([encode(first), encode(second)]);
          expect(decode(bytes)).toEqual(decode(generated(schema, bytes)));
        }),
      );
    });
  });
}

agrees('Capabilities', CapabilitiesSchema, capabilities, encodeCapabilities, decodeCapabilities);
agrees(
  'OrchestratorInfo',
  OrchestratorInfoSchema,
  orchestratorInfo,
  encodeOrchestratorInfo,
  decodeOrchestratorInfo,
);
agrees(
  'OrchestratorRequest',
  OrchestratorRequestSchema,
  orchestratorRequest,
  encodeOrchestratorRequest,
  decodeOrchestratorRequest,
);
agrees('Payment', PaymentSchema, payment, encodePayment, decodePayment);
agrees('SegData', SegDataSchema, segData, encodeSegData, decodeSegData);
agrees(
  'PaymentResult',
  PaymentResultSchema,
  fc.record({ info: orchestratorInfo }),
  encodePaymentResult,
  // The record above has an info always.
  (bytes) => decodePaymentResult(bytes) as { info: ReturnType<typeof decodeOrchestratorInfo> },
);

describe('what it reads beyond generated code', () => {
  it('takes unpacked lists of numbers', () => {
    expect(decodeCapabilities(new Uint8Array([0x08, 1, 0x08, 2])).bitstring).toEqual([1n, 2n]);
  });

  it.each([
    ['a nested message that leaves its parent', [0x0a, 2, 0x0a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a packed list that ends inside a number', [0x3a, 3, 0x0a, 1, 0x80]],
    ['text that is not UTF-8', [0x42, 3, 0x12, 1, 0xff]],
    ['field number 0', [0x02, 0]],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeSegData(new Uint8Array(bytes))).toThrow(WireError);
  });
});
