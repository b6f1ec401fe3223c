import { readFileSync } from 'node:fs';
import {
  decodeSegmentHeader,
  encodePaymentHeader,
  encodeSegmentHeader,
  type Payment,
  type SegData,
} from '@lp/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes, privateKeySigner, segmentMessage } from '../index.ts';
import { authTokenIssuer } from './auth-token.ts';
import { HeaderRefusal, inspectPayment } from './headers.ts';

const derived = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/pm-derived.json', import.meta.url), 'utf8'),
);
const { authToken, base64: segment } = derived.segmentHeader;
const checks = { tokens: authTokenIssuer(hexToBytes(authToken.secret)), now: BigInt(authToken.expiration) };
const payment: string = derived.paymentHeader.base64;
const signer = privateKeySigner(derived.keys.senderPrivateKey);

const refusal = (headers: { payment?: string; segment?: string }, change: Partial<typeof checks> = {}) => {
  try {
    inspectPayment({ payment: headers.payment, segment: headers.segment }, { ...checks, ...change });
  } catch (error) {
    if (!(error instanceof HeaderRefusal)) throw error;
    return { status: error.status, code: error.code, text: error.message };
  }
  return undefined;
};
const withSegment = (change: Partial<SegData>) =>
  encodeSegmentHeader({ ...decodeSegmentHeader(segment), ...change });

describe('inspectPayment', () => {
  it('accepts the headers of the vectors', () => {
    const checked = inspectPayment({ payment, segment }, checks);
    expect(checked.sender).toBe(derived.keys.senderAddress.toLowerCase());
    expect(checked.segment.manifestId).toBe(derived.segmentHeader.manifestId);
    expect(checked.payment.ticketSenderParams).toHaveLength(2);
  });

  it('answers 402 to a payment header that is none, whatever the segment', () => {
    expect(refusal({ payment: '*', segment: '*' })).toMatchObject({ status: 402, code: 'malformed-payment' });
    expect(refusal({ payment: '*', segment })?.text).toMatch(/^base64 decode error/);
    expect(refusal({ payment: 'CgU=', segment })?.text).toMatch(/^protobuf unmarshal error/);
  });

  it('checks the segment in the documented order', () => {
    expect(refusal({ payment, segment: '*' })).toMatchObject({ status: 403, text: 'ErrorSegEncoding' });
    expect(refusal({ payment, segment: 'CgU=' })?.text).toMatch(/^protobuf/);
    const wrong = {
      sig: new Uint8Array(65),
      authToken: { token: new Uint8Array(), sessionId: '', expiration: 0n },
    };
    expect(refusal({ payment, segment: withSegment({ ...wrong, durationMs: 300_001 }) })?.text).toBe(
      'invalid duration',
    );
    expect(refusal({ payment, segment: withSegment({ ...wrong, durationMs: -1 }) })?.text).toBe(
      'invalid duration',
    );
    expect(refusal({ payment, segment: withSegment(wrong) })).toMatchObject({
      status: 403,
      text: 'ErrSegSig',
    });
    expect(refusal({ payment, segment: withSegment({ authToken: wrong.authToken }) })?.text).toBe(
      'invalid auth token',
    );
    expect(refusal({ payment, segment }, { now: checks.now + 1n })?.text).toBe('expired auth token');
  });

  it('wants a token', () => {
    const { authToken: _, ...rest } = decodeSegmentHeader(segment);
    expect(refusal({ payment, segment: encodeSegmentHeader(rest) })?.text).toBe('missing auth token');
  });

  it('asks about capabilities between signature and token', () => {
    const capabilities = {
      bitstring: [1n << 35n],
      mandatories: [],
      capacities: new Map([[35, 1]]),
      version: '',
    };
    const header = withSegment({ capabilities });
    expect(refusal({ payment, segment: header })).toBeUndefined();
    const picky = { ...checks, now: checks.now + 1n, offers: () => false };
    expect(refusal({ payment, segment: header }, picky)?.text).toBe('incompatible capabilities');
    expect(refusal({ payment, segment }, picky)?.text).toBe('expired auth token');
  });

  it('knows no sender without a payment header', () => {
    expect(refusal({ segment })).toMatchObject({ status: 403, text: 'ErrSegSig' });
    expect(refusal({ payment })).toMatchObject({ status: 403, text: 'ErrSegSig' });
  });

  it('binds the manifest id, the sequence and the hash, and nothing else', async () => {
    for (const change of [{ manifestId: 'other' }, { seq: 1n }, { hash: new Uint8Array(32) }]) {
      expect(refusal({ payment, segment: withSegment(change) })?.text).toBe('ErrSegSig');
    }
    expect(refusal({ payment, segment: withSegment({ durationMs: 5 }) })).toBeUndefined();
    const [sig] = await signer.signMessages([segmentMessage('9f8e7d6c', { sequence: 7n })]);
    expect(refusal({ payment, segment: withSegment({ seq: 7n, sig: sig! }) })).toBeUndefined();
  });

  it('never fails in another way, whatever comes', () => {
    const text = fc.oneof(fc.string(), fc.base64String(), fc.constant(payment), fc.constant(segment));
    fc.assert(
      fc.property(fc.option(text, { nil: undefined }), fc.option(text, { nil: undefined }), (a, b) => {
        refusal({ ...(a === undefined ? {} : { payment: a }), ...(b === undefined ? {} : { segment: b }) });
      }),
      { numRuns: 300 },
    );
  });

  it('never fails in another way on decodable payments', () => {
    const bytes = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        bytes,
        bytes,
        fc.string(),
        (seq, hash, sig, id) => {
          const data: SegData = { manifestId: id, seq, hash, profiles: new Uint8Array(), sig, durationMs: 0 };
          const empty: Payment = { sender: signer.address, ticketSenderParams: [] };
          refusal({ payment: encodePaymentHeader(empty), segment: encodeSegmentHeader(data) });
        },
      ),
      { numRuns: 200 },
    );
  });
});
