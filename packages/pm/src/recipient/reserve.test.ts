import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { moneyDecision, timeDecision } from './redemption-rules.ts';
import { availableFunds, isUnlockingSoon, maxFloat, type ReserveView } from './reserve.ts';

const go = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/pm-go-tests.json', import.meta.url), 'utf8'),
);

const viewOf = (row: Record<string, string>): ReserveView => ({
  sender: {
    deposit: BigInt(row.deposit!),
    withdrawRound: 0n,
    reserve: {
      fundsRemaining: BigInt(row.reserveFundsRemaining ?? row.reserve!),
      claimedInCurrentRound: BigInt(row.claimedInCurrentRound ?? '0'),
    },
  },
  poolSize: BigInt(row.poolSize!),
  claimedByRecipient: BigInt(row.claimedByThisRecipient ?? row.claimed!),
  pending: BigInt(row.pendingAmount ?? row.pending!),
});

describe('reserve arithmetic', () => {
  it.each(go.maxFloat.vectors as Record<string, string>[])('max float is $expected', (row) => {
    expect(maxFloat(viewOf(row))).toBe(BigInt(row.expected!));
  });

  it.each(go.availableFunds.vectors as Record<string, string>[])('available funds are $expected', (row) => {
    expect(availableFunds(viewOf(row))).toBe(BigInt(row.expected!));
  });

  it('is 0 for an empty pool', () => {
    expect(maxFloat({ ...viewOf(go.maxFloat.vectors[1]), poolSize: 0n, pending: 0n })).toBe(0n);
  });

  it.each(
    go.recipientValidateSender.vectors as {
      currentRound: number;
      withdrawRound: number;
      accepted: boolean;
    }[],
  )('round $currentRound, withdraw round $withdrawRound: accepted $accepted', (row) => {
    const sender = { ...viewOf(go.maxFloat.vectors[0]).sender, withdrawRound: BigInt(row.withdrawRound) };
    expect(isUnlockingSoon(sender, BigInt(row.currentRound))).toBe(!row.accepted);
  });
});

describe('redemption rules', () => {
  const winner = {
    faceValue: 100n,
    creationRound: 10n,
    creationRoundBlockHash: `0x${'ab'.repeat(32)}` as const,
    expirationBlock: 140n,
  };
  const head = { l1Block: 140n, lastInitializedRound: 10n, currentRoundInitialized: true };
  const decide = (change: Partial<typeof head>, own: Partial<typeof winner> = {}) =>
    timeDecision({ ...winner, ...own }, { ...head, ...change }, 2n);

  it('waits until the params have expired', () => {
    expect(decide({ l1Block: 139n })).toEqual({ action: 'wait', reason: 'params-live' });
    expect(decide({ l1Block: 140n })).toBeUndefined();
  });

  it('uses the window of the contract: validity 2 takes the round and the next', () => {
    expect(decide({ lastInitializedRound: 11n })).toBeUndefined();
    expect(decide({ lastInitializedRound: 12n })).toEqual({ action: 'give-up', reason: 'expired' });
  });

  it('waits for the round to be initialised', () => {
    expect(decide({ currentRoundInitialized: false })).toEqual({
      action: 'wait',
      reason: 'round-not-initialized',
    });
  });

  it('gives up on a ticket that names no round', () => {
    const none = { creationRound: 0n, creationRoundBlockHash: `0x${'00'.repeat(32)}` as const };
    expect(decide({}, none)).toEqual({ action: 'give-up', reason: 'no-round-hash' });
  });

  const state = {
    recipientActive: true,
    used: false,
    txCost: 99n,
    reserve: viewOf({ deposit: '100', reserve: '0', poolSize: '1', claimed: '0', pending: '0' }),
  };
  it.each([
    [{ recipientActive: false }, { action: 'wait', reason: 'recipient-inactive' }],
    [{ used: true }, { action: 'give-up', reason: 'used' }],
    [{ txCost: 100n }, { action: 'wait', reason: 'insufficient-funds' }],
    [{}, { action: 'redeem' }],
  ])('decides on money: %o', (change, decision) => {
    expect(moneyDecision(winner, { ...state, ...change })).toEqual(decision);
  });

  it('does not pay more for the transaction than the ticket brings', () => {
    const rich = viewOf({ deposit: '1000', reserve: '0', poolSize: '1', claimed: '0', pending: '0' });
    expect(moneyDecision(winner, { ...state, reserve: rich, txCost: 100n })).toEqual({
      action: 'wait',
      reason: 'face-value-below-tx-cost',
    });
  });
});
