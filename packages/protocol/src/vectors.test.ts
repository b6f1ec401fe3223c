import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  decodePaymentHeader,
  decodeSegmentHeader,
  encodePayment,
  encodePaymentHeader,
  encodeSegmentHeader,
} from './index.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/pm-derived.json', import.meta.url), 'utf8'),
);

describe('header vectors (computed outside of this code base)', () => {
  it('reads and writes a payment of two tickets, byte for byte', () => {
    const payment = decodePaymentHeader(vectors.paymentHeader.base64);
    const [first, second] = vectors.signedTickets;
    expect(payment).toMatchObject({
      sender: vectors.keys.senderAddress.toLowerCase(),
      ticketParams: {
        recipient: first.ticket.recipient,
        faceValue: BigInt(first.ticket.faceValue),
        winProb: BigInt(first.ticket.winProb),
        recipientRandHash: first.ticket.recipientRandHash,
      },
      expirationParams: {
        creationRound: BigInt(first.ticket.creationRound),
        creationRoundBlockHash: first.ticket.creationRoundBlockHash,
      },
      expectedPrice: { pricePerUnit: 1n, pixelsPerUnit: 1n },
    });
    expect(payment.ticketParams).not.toHaveProperty('expirationParams');
    expect(payment.ticketSenderParams.map(({ senderNonce }) => senderNonce)).toEqual(
      [first, second].map(({ ticket }) => Number(ticket.senderNonce)),
    );
    expect(payment.ticketSenderParams.map(({ sig }) => Buffer.from(sig).toString('hex'))).toEqual(
      [first, second].map(({ signature }) => signature.slice(2)),
    );
    expect(encodePaymentHeader(payment)).toBe(vectors.paymentHeader.base64);
    expect(`0x${Buffer.from(encodePayment(payment)).toString('hex')}`).toBe(vectors.paymentHeader.bytes);
  });

  it('reads and writes a payment without tickets', () => {
    const { base64 } = vectors.paymentHeaderZeroTickets;
    const payment = decodePaymentHeader(base64);
    expect(payment).toEqual({
      sender: vectors.keys.senderAddress.toLowerCase(),
      ticketSenderParams: [],
      expectedPrice: { pricePerUnit: 1n, pixelsPerUnit: 1n },
    });
    expect(encodePaymentHeader(payment)).toBe(base64);
  });

  it('reads and writes segment credentials', () => {
    const vector = vectors.segmentHeader;
    const data = decodeSegmentHeader(vector.base64);
    expect(data.manifestId).toBe(vector.manifestId);
    expect(data.seq).toBe(0n);
    expect(`0x${Buffer.from(data.hash).toString('hex')}`).toBe(vector.hashOfEmptyBody);
    expect(Buffer.from(data.profiles).toString()).toBe('invalid');
    expect(`0x${Buffer.from(data.sig).toString('hex')}`).toBe(vector.signature);
    expect(encodeSegmentHeader(data)).toBe(vector.base64);
  });

  it('reads a missing or empty payment header as an empty payment', () => {
    expect(decodePaymentHeader(undefined)).toEqual({ ticketSenderParams: [] });
    expect(decodePaymentHeader('')).toEqual({ ticketSenderParams: [] });
  });
});
