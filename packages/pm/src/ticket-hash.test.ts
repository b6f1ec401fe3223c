import { solidityPackedKeccak256 } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import derived from '../../../test/vectors/pm-derived.json' with { type: 'json' };
import goTests from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import broker from '../../../test/vectors/ticketbroker.json' with { type: 'json' };
import { anyTicket, hex, ticketOf } from '../test/vector-tickets.ts';
import { auxData, TicketError } from './aux-data.ts';
import { bytesToHex } from './hex.ts';
import { ticketHash, ticketHashBytes, ticketHasher, ticketPreimage } from './ticket-hash.ts';

const plain = ticketOf(derived.signedTickets[0]!.ticket);

describe('ticketHash', () => {
  it.each(goTests.ticketHash.vectors)(
    'is $expectedHash as in the Go node',
    ({ input, preimage, preimageBytes, expectedHash }) => {
      const ticket = ticketOf(input);
      expect(ticketPreimage(ticket)).toHaveLength(preimageBytes);
      expect(bytesToHex(ticketPreimage(ticket))).toBe(preimage);
      expect(ticketHash(ticket)).toBe(expectedHash);
    },
  );

  it.each(derived.signedTickets)('is $ticketHash as derived', (vector) => {
    expect(bytesToHex(ticketPreimage(ticketOf(vector.ticket)))).toBe(vector.preimage);
    expect(ticketHash(ticketOf(vector.ticket))).toBe(vector.ticketHash);
  });

  it.each(broker.hashAndSignature)('is what the contract computes: $name', (vector) => {
    expect(bytesToHex(ticketPreimage(ticketOf(vector.ticket)))).toBe(vector.packed);
    expect(ticketHash(ticketOf(vector.ticket))).toBe(vector.hash);
  });

  it.each(broker.redemption.tickets)('is what the contract redeemed by: $name', (vector) => {
    expect(ticketHash(ticketOf(vector.ticket))).toBe(vector.hash);
  });

  it('agrees with ethers on any ticket, in any case', () => {
    fc.assert(
      fc.property(anyTicket, (ticket) => {
        const aux = auxData(ticket.creationRound, ticket.creationRoundBlockHash);
        const expected = solidityPackedKeccak256(
          ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'],
          [
            ticket.recipient,
            ticket.sender,
            ticket.faceValue,
            ticket.winProb,
            ticket.senderNonce,
            ticket.recipientRandHash,
            aux,
          ],
        );
        expect(ticketHash(ticket)).toBe(expected);
        const upper = hex(`0x${ticket.recipient.slice(2).toUpperCase()}`);
        expect(ticketHash({ ...ticket, recipient: upper })).toBe(expected);
      }),
    );
  });

  it('is the same from a hasher that patches the nonce', () => {
    fc.assert(
      fc.property(
        anyTicket,
        fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 8 }),
        (ticket, nonces) => {
          const hash = ticketHasher(ticket);
          const hashes = nonces.map((nonce) => hash(nonce));
          expect(hashes).toEqual(nonces.map((senderNonce) => ticketHashBytes({ ...ticket, senderNonce })));
        },
      ),
    );
  });

  it.each([
    ['recipient', { recipient: '0x00' }],
    ['sender', { sender: `0x${'zz'.repeat(20)}` }],
    ['faceValue', { faceValue: 2n ** 256n }],
    ['faceValue', { faceValue: -1n }],
    ['winProb', { winProb: 2n ** 256n }],
    ['senderNonce', { senderNonce: 2 ** 32 }],
    ['senderNonce', { senderNonce: -1 }],
    ['senderNonce', { senderNonce: 1.5 }],
    ['senderNonce', { senderNonce: Number.NaN }],
    ['recipientRandHash', { recipientRandHash: `0x${'00'.repeat(33)}` }],
    ['creationRound', { creationRound: -1n }],
    ['creationRoundBlockHash', { creationRoundBlockHash: '' }],
  ])('refuses a ticket with a wrong %s', (field, change) => {
    // Callers outside TypeScript pass any value.
    const ticket = { ...plain, ...change } as typeof plain;
    expect(() => ticketHash(ticket)).toThrow(TicketError);
    expect(() => ticketHash(ticket)).toThrow(expect.objectContaining({ code: 'invalid-ticket', field }));
  });

  it('refuses a wrong nonce in a hasher', () => {
    expect(() => ticketHasher(plain)(2 ** 32)).toThrow(expect.objectContaining({ field: 'senderNonce' }));
  });
});

describe('auxData', () => {
  it.each(goTests.auxData.vectors)('$expected', (vector) => {
    const aux = auxData(BigInt(vector.creationRound), hex(vector.creationRoundBlockHash));
    expect(bytesToHex(aux)).toBe(vector.expected);
  });
});
