import { addRatio, compareRatio, ratio, roundedDecimal } from '@lp/pricing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import derived from '../../../test/vectors/pm-derived.json' with { type: 'json' };
import goTests from '../../../test/vectors/pm-go-tests.json' with { type: 'json' };
import { evQuanta, MAX_WIN_PROB, ticketEv, winProbRatio } from './expected-value.ts';

const text = (r: { n: bigint; d: bigint }) => (r.d === 1n ? `${r.n}` : `${r.n}/${r.d}`);

describe('ticketEv', () => {
  it.each(goTests.ticketEV.vectors)('$faceValue at $winProb is $exact', (vector) => {
    const ev = ticketEv(BigInt(vector.faceValue), BigInt(vector.winProb));
    expect(text(ev)).toBe(vector.exact);
    expect(roundedDecimal(ev, 0)).toBe(vector.expectedRounded0);
  });

  it.each(derived.signedTickets)('follows the derived ticket $ticket.senderNonce', ({ ticket, ev }) => {
    expect(text(ticketEv(BigInt(ticket.faceValue), BigInt(ticket.winProb)))).toBe(ev);
  });

  it('is a whole number of quanta', () => {
    const word = fc.bigInt({ min: 0n, max: MAX_WIN_PROB });
    fc.assert(
      fc.property(word, word, word, word, (faceA, probA, faceB, probB) => {
        const sum = addRatio(ticketEv(faceA, probA), ticketEv(faceB, probB));
        const quanta = evQuanta(faceA, probA) + evQuanta(faceB, probB);
        expect(compareRatio(sum, ratio(quanta, MAX_WIN_PROB))).toBe(0);
      }),
    );
  });
});

describe('winProbRatio', () => {
  it.each(goTests.winProbRat.vectors)('of $winProb is $expected', ({ winProb, decimals, expected }) => {
    expect(roundedDecimal(winProbRatio(BigInt(winProb)), decimals)).toBe(expected);
  });

  it('knows the largest', () => {
    expect(`${MAX_WIN_PROB}`).toBe(goTests.constants.maxWinProb);
  });
});
