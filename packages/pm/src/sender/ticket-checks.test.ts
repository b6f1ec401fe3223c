import { expect, test } from 'vitest';
import { paramsWithEv, vectors } from '../../test/sender-fixture.ts';
import {
  checkSenderFunds,
  checkTicketParams,
  type SenderChainView,
  TicketParamsError,
} from './ticket-checks.ts';

interface Vector {
  name?: string;
  input: Record<string, string>;
  expected: string;
}
const { vectors: params } = await vectors<{ vectors: Vector[] }>(
  'pm-go-tests.json',
  'senderValidateTicketParams',
);
const { vectors: funds } = await vectors<{ vectors: Vector[] }>('pm-go-tests.json', 'senderValidateSender');

function outcome(check: () => void): string {
  try {
    check();
    return 'ok';
  } catch (error) {
    if (error instanceof TicketParamsError) return error.message;
    throw error;
  }
}

function chainOf(input: Record<string, string>, reserve: string): SenderChainView {
  return {
    l1Block: BigInt(input['block'] ?? 0),
    lastInitializedRound: 5n,
    roundBlockHash: `0x${'00'.repeat(32)}`,
    senderInfo: {
      deposit: BigInt(input['deposit'] ?? 100_000),
      withdrawRound: BigInt(input['withdraw'] ?? 0),
      reserve: { fundsRemaining: BigInt(input['reserve'] ?? reserve), claimedInCurrentRound: 0n },
    },
  };
}

test.each(params)('ticket params: $name', ({ input, expected }) => {
  const ticketParams = paramsWithEv(1n, {
    faceValue: BigInt(input['fv'] ?? 0),
    winProb: BigInt(input['wp'] ?? 0),
    expirationBlock: BigInt(input['exp'] ?? 0),
  });
  const limits = {
    maxTicketEv: BigInt(input['maxEV'] ?? 100),
    maxTotalEv: BigInt(input['maxTotal'] ?? 100),
    depositMultiplier: BigInt(input['mult'] ?? 2),
  };
  const tickets = BigInt(input['n'] ?? 1);
  expect(outcome(() => checkTicketParams(ticketParams, tickets, chainOf(input, '10'), limits))).toBe(
    expected,
  );
});

test.each(funds)('sender funds: $input', ({ input, expected }) => {
  expect(outcome(() => checkSenderFunds(chainOf(input, '1000')))).toBe(expected);
});

test('no params, and numbers that no 32-byte word holds', () => {
  const limits = { maxTicketEv: 100n, maxTotalEv: 100n, depositMultiplier: 1n };
  const chain = chainOf({}, '1');
  expect(outcome(() => checkTicketParams(undefined, 1n, chain, limits))).toBe('ticketParams is nil');
  for (const name of ['faceValue', 'winProb', 'seed', 'expirationBlock'] as const) {
    const outside = paramsWithEv(1n, { [name]: 2n ** 256n });
    expect(() => checkTicketParams(outside, 1n, chain, limits)).toThrow(
      expect.objectContaining({ code: 'out-of-range' }),
    );
  }
  const negativeRound = paramsWithEv(1n, {
    expirationParams: { creationRound: -1n, creationRoundBlockHash: `0x${'22'.repeat(32)}` },
  });
  expect(() => checkTicketParams(negativeRound, 1n, chain, limits)).toThrow(
    expect.objectContaining({ code: 'out-of-range' }),
  );
});
