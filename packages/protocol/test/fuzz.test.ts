import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  base64Bytes,
  challengeInfo,
  channelsRequest,
  channelsResponse,
  decimalText,
  decodeBase64,
  decodeCapabilities,
  decodeOrchestratorInfo,
  decodeOrchestratorRequest,
  decodePayment,
  decodePaymentHeader,
  decodePaymentResult,
  decodeSegData,
  decodeSegmentHeader,
  decodeWith,
  deleteChannelsRequest,
  deleteChannelsResponse,
  discoveryEntry,
  discoveryList,
  encodeOrchestratorInfo,
  encodePayment,
  encodeSegData,
  errorEnvelope,
  foldKeys,
  goDurationMs,
  heartbeatRequest,
  heartbeatResponse,
  hexAddress,
  int64,
  JsonDecimal,
  o2rMessage,
  parseChallenge,
  parseGoDuration,
  parseJson,
  proxyRequest,
  proxyResponse,
  refreshRequest,
  runnerPrice,
  sessionReply,
  signerPaymentRequest,
  signerPaymentResponse,
  signOrchestratorInfoResponse,
  staticRunnerConfig,
  uint32,
  WireError,
  weiText,
} from '../src/index.ts';
import { orchestratorInfo, payment, segData } from './arbitraries.ts';

/** Runs a decoder on something hostile: it may succeed, and may throw nothing but a WireError. */
function survives(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    expect(error.message).not.toBe('');
  }
}

const binary = {
  decodeCapabilities,
  decodeOrchestratorInfo,
  decodeOrchestratorRequest,
  decodePayment,
  decodePaymentResult,
  decodeSegData,
};
const textual = {
  decodeBase64,
  decodePaymentHeader,
  decodeSegmentHeader,
  parseChallenge,
  parseGoDuration,
  parseJson,
  challengeInfo: (paymentParams: string) => challengeInfo({ paymentParams, manifestId: 'm' }),
  jsonDecimal: (text: string) => new JsonDecimal(text),
};
const schemas = {
  base64Bytes,
  channelsRequest,
  channelsResponse,
  decimalText,
  deleteChannelsRequest,
  deleteChannelsResponse,
  discoveryEntry,
  discoveryList,
  errorEnvelope,
  goDurationMs,
  heartbeatRequest,
  heartbeatResponse,
  hexAddress,
  int64,
  o2rMessage,
  proxyRequest,
  proxyResponse,
  refreshRequest,
  runnerPrice,
  sessionReply,
  signerPaymentRequest,
  signerPaymentResponse,
  signOrchestratorInfoResponse,
  staticRunnerConfig,
  uint32,
  weiText,
};

/** A valid encoding with a few bytes changed, inserted or cut: gets deeper than noise. */
const damaged = fc
  .tuple(
    fc.oneof(
      orchestratorInfo.map(encodeOrchestratorInfo),
      payment.map(encodePayment),
      segData.map(encodeSegData),
    ),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([bytes, changes, cut]) => {
    const copy = bytes.slice(0, bytes.length - (cut % 3 === 0 ? cut % (bytes.length + 1) : 0));
    for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
    return copy;
  });

describe.each(Object.entries(binary))('%s', (_name, decode) => {
  it('takes arbitrary and damaged bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), (bytes) =>
        survives(() => decode(bytes)),
      ),
      { numRuns: 500 },
    );
  });
});

describe.each(Object.entries(textual))('%s', (_name, decode) => {
  it('takes arbitrary text', () => {
    const base64 = fc.oneof(fc.uint8Array(), damaged).map((bytes) => Buffer.from(bytes).toString('base64'));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      base64,
      fc.stringMatching(/^[0-9.eE+smhnu-]*$/),
    );
    fc.assert(
      fc.property(text, (value) => survives(() => decode(value))),
      { numRuns: 500 },
    );
  });
});

// Objects whose keys are the schema's own, in any case, so that every field meets every kind of value.
const keys = [
  ...new Set(
    Object.values(schemas).flatMap((schema) => {
      const shape = (schema as { shape?: object }).shape;
      return shape === undefined ? [] : Object.keys(shape);
    }),
  ),
];
const hostile: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1,
      1e300,
      -0,
      2n ** 70n,
      -(2n ** 70n),
      new JsonDecimal('1.5e-9'),
    ),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'http://x', 'usd', 'hour', '1e9999', '0x', 'single_shot', '__proto__', '5s'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(...keys, 'runners', 'gpu', '__proto__', 'constructor', 'toString'),
        fc.string(),
      ),
      tie('value'),
      { maxKeys: 6 },
    ),
  ),
})).value;

describe.each(Object.entries(schemas))('schema %s', (_name, schema) => {
  it('takes arbitrary values', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        survives(() => decodeWith(schema, value));
        survives(() => decodeWith(schema, foldKeys(schema, value)));
      }),
      { numRuns: 300 },
    );
  });
});
