import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { PaymentSchema, TicketParamsSchema } from '../test/gen/net/live_payment_pb.ts';
import { MAX_MESSAGE_FIELDS } from './bounded-reader.ts';
import { decodeUint256, encodeUint256 } from './byte-fields.ts';
import {
  decodeOrchestratorInfo,
  decodePayment,
  encodeOrchestratorInfo,
  encodePayment,
  MAX_MESSAGE_BYTES,
} from './index.ts';

const ADDRESS = '0x00000000000000000000000000000000000000aa';

describe('byte fields (payments.md section 2.6)', () => {
  it('keeps the last bytes of a long field and left-pads a short one', () => {
    const long = new Uint8Array(33).map((_, i) => i);
    const bytes = toBinary(
      PaymentSchema,
      create(PaymentSchema, {
        ticketParams: create(TicketParamsSchema, {
          recipient: new Uint8Array([0xaa]),
          recipientRandHash: long,
          faceValue: new Uint8Array([0, 0, 1]),
        }),
        sender: long,
      }),
    );
    const { sender, ticketParams } = decodePayment(bytes);
    expect(sender).toBe(`0x${Buffer.from(long.subarray(13)).toString('hex')}`);
    expect(ticketParams?.recipient).toBe(ADDRESS);
    expect(ticketParams?.recipientRandHash).toBe(`0x${Buffer.from(long.subarray(1)).toString('hex')}`);
    expect(ticketParams?.faceValue).toBe(1n);
  });

  it('writes numbers without leading zeros, zero as nothing', () => {
    expect(encodeUint256(0n, 'n')).toEqual(new Uint8Array(0));
    expect(encodeUint256(256n, 'n')).toEqual(new Uint8Array([1, 0]));
    expect(encodeUint256(2n ** 256n - 1n, 'n')).toEqual(new Uint8Array(32).fill(255));
    expect(() => encodeUint256(2n ** 256n, 'n')).toThrow('n must be a whole number from 0 to 2^256 - 1');
    expect(() => encodeUint256(-1n, 'n')).toThrow('n must be');
    expect(decodeUint256(new Uint8Array(40), 'n')).toBe(0n);
    expect(() => decodeUint256(new Uint8Array(33).fill(1), 'n')).toThrow('n must be');
  });
});

/** A field that holds bytes. */
const nested = (field: number, bytes: Buffer): Buffer => {
  const { length } = bytes;
  const size = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...size]), bytes]);
};

describe('messages', () => {
  it('ignore fields they do not know', () => {
    // Field 7 `hardware`, a message; field 32 `storage`; then the address.
    const bytes = new Uint8Array([0x3a, 2, 0x0a, 0, 0x82, 2, 0, 0x22, 1, 0xaa]);
    expect(decodeOrchestratorInfo(bytes)).toEqual({ transcoder: '', address: ADDRESS });
  });

  it('read Buffers as plain bytes', () => {
    const bytes = encodePayment({ ticketSenderParams: [{ senderNonce: 1, sig: new Uint8Array([1]) }] });
    const [ticket] = decodePayment(Buffer.from(bytes)).ticketSenderParams;
    expect(ticket?.sig.constructor).toBe(Uint8Array);
  });

  it('refuse numbers that do not fit', () => {
    const offer = (pricePerUnit: bigint) =>
      encodeOrchestratorInfo({
        transcoder: '',
        address: ADDRESS,
        priceInfo: { pricePerUnit, pixelsPerUnit: 1n },
      });
    const limit = 2n ** 63n;
    expect(decodeOrchestratorInfo(offer(limit - 1n)).priceInfo?.pricePerUnit).toBe(limit - 1n);
    expect(() => offer(limit)).toThrow(expect.objectContaining({ code: 'invalid-field' }));
    expect(() =>
      encodePayment({ ticketSenderParams: [{ senderNonce: 2 ** 32, sig: new Uint8Array(65) }] }),
    ).toThrow(expect.objectContaining({ code: 'invalid-field' }));
  });

  it('refuse an address that is not one', () => {
    expect(() => encodeOrchestratorInfo({ transcoder: '', address: '0x12' })).toThrow(
      'address must be 0x and 40 hex digits',
    );
  });

  it.each([
    ['fields in a row', Buffer.alloc(2 * MAX_MESSAGE_FIELDS, Buffer.from([0x38, 0]))],
    ['messages in a list', Buffer.alloc(3 * MAX_MESSAGE_FIELDS, Buffer.from([0x8a, 2, 0]))],
    ['numbers in a packed list', nested(5, nested(1, Buffer.alloc(MAX_MESSAGE_FIELDS - 2, 1)))],
    ['entries of a map', nested(5, Buffer.alloc(2 * MAX_MESSAGE_FIELDS - 2, Buffer.from([0x1a, 0])))],
  ])('have a limit of %s, however small those are', (_name, bytes) => {
    expect(decodeOrchestratorInfo(bytes).transcoder).toBe('');
    const more = Buffer.concat([bytes, Buffer.from([0x38, 0])]);
    expect(() => decodeOrchestratorInfo(more)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it('have a size limit', () => {
    const tooLarge = expect.objectContaining({ code: 'too-large' });
    expect(() => decodePayment(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toThrow(tooLarge);
    expect(() =>
      encodePayment({ ticketSenderParams: [{ senderNonce: 1, sig: new Uint8Array(MAX_MESSAGE_BYTES) }] }),
    ).toThrow(tooLarge);
    // A reader may ask for another one: here field 7, `hardware`, which is skipped.
    const large = new Uint8Array(MAX_MESSAGE_BYTES + 5);
    large.set([0x3a, 0x80, 0x80, 0x10]);
    const bytes = large.subarray(0, MAX_MESSAGE_BYTES + 4);
    expect(() => decodeOrchestratorInfo(bytes)).toThrow(tooLarge);
    expect(decodeOrchestratorInfo(bytes, { maxBytes: bytes.length }).transcoder).toBe('');
    expect(() => decodeOrchestratorInfo(bytes, { maxBytes: 10 })).toThrow(tooLarge);
  });
});
