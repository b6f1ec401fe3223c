import { solidityPackedKeccak256 } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import derived from '../../../test/vectors/pm-derived.json' with { type: 'json' };
import goTests from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import broker from '../../../test/vectors/ticketbroker.json' with { type: 'json' };
import { anyTicket, hex, ticketOf } from '../test/vector-tickets.ts';
import { MAX_UINT256, uint256Bytes } from './uint256.ts';
import { drawBytes, isWinningDraw, isWinningTicket, ticketDraw } from './winning.ts';

const plain = ticketOf(derived.signedTickets[0]!.ticket);

describe('isWinningTicket', () => {
  it.each(goTests.isWinningTicket.vectors)('win probability $winProb: $expected', (vector) => {
    const rand = BigInt(vector.recipientRand);
    expect(ticketDraw(hex(vector.sig), rand)).toBe(BigInt(vector.draw));
    expect(isWinningTicket({ ...plain, winProb: BigInt(vector.winProb) }, hex(vector.sig), rand)).toBe(
      vector.expected,
    );
  });

  it.each(derived.signedTickets)('draws $draw', (vector) => {
    const rand = BigInt(vector.recipientRand);
    expect(ticketDraw(hex(vector.signature), rand)).toBe(BigInt(vector.draw));
    expect(isWinningTicket(ticketOf(vector.ticket), hex(vector.signature), rand)).toBe(vector.wins);
  });

  it('is strict at the edge', () => {
    const { signature, recipientRand } = derived.signedTickets[0]!;
    const { draw, winProbEqualDraw, winProbDrawPlusOne } = derived.winProbEdge;
    const wins = (winProb: bigint) =>
      isWinningTicket({ ...plain, winProb }, hex(signature), BigInt(recipientRand));
    expect(wins(BigInt(draw))).toBe(winProbEqualDraw);
    expect(wins(BigInt(draw) + 1n)).toBe(winProbDrawPlusOne);
    expect(wins(0n)).toBe(false);
  });

  it.each([...broker.hashAndSignature, ...broker.redemption.tickets])('as the contract: $name', (vector) => {
    const rand = BigInt(vector.recipientRand);
    expect(ticketDraw(hex(vector.signature), rand)).toBe(BigInt(vector.luckHash));
    expect(isWinningTicket(ticketOf(vector.ticket), hex(vector.signature), rand)).toBe(vector.wins);
  });

  it('is the same number by number and byte by byte', () => {
    const word = fc.bigInt({ min: 0n, max: MAX_UINT256 });
    const bytes65 = fc.uint8Array({ minLength: 65, maxLength: 65 });
    fc.assert(
      fc.property(anyTicket, bytes65, word, word, (ticket, signature, rand, near) => {
        const draw = drawBytes(signature, uint256Bytes(rand));
        expect(ticketDraw(signature, rand)).toBe(
          BigInt(solidityPackedKeccak256(['bytes', 'uint256'], [signature, rand])),
        );
        expect(isWinningDraw(draw, uint256Bytes(ticket.winProb))).toBe(
          isWinningTicket(ticket, signature, rand),
        );
        expect(isWinningDraw(uint256Bytes(near), uint256Bytes(near))).toBe(false);
        expect(isWinningDraw(uint256Bytes(rand), uint256Bytes(near))).toBe(rand < near);
      }),
    );
  });
});
