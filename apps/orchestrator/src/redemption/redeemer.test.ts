import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChainError } from '@lp/pm/chain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PER_SECOND, type TestDesk, testDesk } from '../../test/money-desk.ts';
import { payingSender } from '../../test/paying-sender.ts';
import type { PaymentHeaders } from '../payments/desk.ts';
import { redemptionFailure } from './redemption-failure.ts';

const sender = payingSender(`0x${'11'.repeat(32)}`);
let folder: string;
let t: TestDesk;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lp-redeem-'));
  t = await testDesk({ sure: true, databaseFile: join(folder, 'a.db') });
});
afterEach(async () => {
  await t.clock.runUntil(t.desk.close());
  rmSync(folder, { recursive: true, force: true });
});

const headersOf = async (nonces: readonly number[]): Promise<PaymentHeaders> => {
  const request = { payer: sender.address, offered: PER_SECOND, paymentUrl: () => 'https://o/p' };
  const { body } = await t.clock.runUntil(t.desk.challenge(request));
  return sender.pay(String(body), { nonces });
};
/** Pays with tickets that all win; resolves when it is acknowledged. */
const win = async (nonces: readonly number[] = [1]) => {
  const inspected = t.desk.inspect(await headersOf(nonces), { kind: 'reservation', offered: PER_SECOND });
  return t.clock.runUntil(t.desk.accept(inspected));
};
const pastParams = async () => {
  t.chain.l1Block += 40n;
  await t.clock.advance(5_000);
};
const nextBlock = async () => {
  t.chain.l1Block += 1n;
  await t.clock.advance(5_000);
};
const [one] = [() => t.desk.tickets()[0]!];

describe('redemption', () => {
  it('waits until no ticket can come under the same params, then redeems with its own gas limit', async () => {
    expect((await win()).winners).toBe(1);
    t.chain.l1Block += 39n;
    await t.clock.advance(5_000);
    expect(t.chain.redeemed).toEqual([]);
    expect(one()).toMatchObject({ status: 'queued', note: 'params-live' });
    await nextBlock();
    expect(t.chain.redeemed).toEqual([{ hash: one().ticketHash, gasLimit: 200n }]);
    expect(one()).toMatchObject({ status: 'redeemed', paidWei: 1_000n, faceValue: 1_000n });
    expect(one().transactionHash).toBe(`0x${'ee'.repeat(32)}`);
    await nextBlock();
    expect(t.chain.redeemed).toHaveLength(1);
    expect(t.events).toContainEqual(expect.objectContaining({ type: 'redeemed', paidWei: 1_000n }));
  });

  it('redeems every winner of a batch', async () => {
    await win([1, 2, 3]);
    await pastParams();
    expect(new Set(t.chain.redeemed.map((r) => r.hash)).size).toBe(3);
    expect(t.desk.health().queuedTickets).toBe(0);
  });

  it('queues a winner once, however often it is sent', async () => {
    const headers = await headersOf([1]);
    const inspected = t.desk.inspect(headers, { kind: 'reservation', offered: PER_SECOND });
    await t.clock.runUntil(t.desk.accept(inspected));
    await expect(t.clock.runUntil(t.desk.accept(inspected))).rejects.toThrow(/already seen/);
    expect(t.desk.tickets()).toHaveLength(1);
  });

  it('keeps a winner whose params had expired', async () => {
    const inspected = t.desk.inspect(await headersOf([1]), { kind: 'reservation', offered: PER_SECOND });
    await pastParams();
    await expect(t.clock.runUntil(t.desk.accept(inspected))).rejects.toThrow('TicketParams expired');
    await nextBlock();
    expect(one()).toMatchObject({ status: 'redeemed' });
  });

  it.each<[string, () => void, () => void]>([
    [
      'round-not-initialized',
      () => {
        t.chain.currentRoundInitialized = false;
      },
      () => {
        t.chain.currentRoundInitialized = true;
      },
    ],
    [
      'recipient-inactive',
      () => {
        t.chain.active = false;
      },
      () => {
        t.chain.active = true;
      },
    ],
    [
      'insufficient-funds',
      () => {
        t.chain.sender = {
          ...t.chain.sender,
          deposit: 0n,
          reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n },
        };
      },
      () => {
        t.chain.sender = { ...t.chain.sender, deposit: 5_000n };
      },
    ],
    [
      'face-value-below-tx-cost',
      () => {
        t.chain.gasPrice = 5n;
      },
      () => {
        t.chain.gasPrice = 4n;
      },
    ],
  ])('waits while %s, and redeems later', async (note, spoil, mend) => {
    await win();
    spoil();
    await t.clock.advance(15_000);
    await pastParams();
    expect(one()).toMatchObject({ status: 'queued', note });
    expect(t.chain.redeemed).toEqual([]);
    mend();
    await t.clock.advance(15_000);
    await nextBlock();
    expect(one().status).toBe('redeemed');
  });

  it('gives up when the round can no longer be redeemed, and not a round earlier', async () => {
    await win();
    t.chain.active = false;
    t.chain.lastInitializedRound += 1n;
    await pastParams();
    expect(one().status).toBe('queued');
    t.chain.lastInitializedRound += 1n;
    await nextBlock();
    expect(one()).toMatchObject({ status: 'given-up', note: 'expired' });
    expect(t.chain.redeemed).toEqual([]);
  });

  it('calls a ticket that is used redeemed, with a payout that nobody saw', async () => {
    await win();
    t.chain.used.add(one().ticketHash);
    await pastParams();
    expect(one()).toMatchObject({ status: 'redeemed', note: 'used on chain; the payout was not seen' });
    expect(one().paidWei).toBeUndefined();
    const { ticketHash } = one();
    expect(t.events).toContainEqual({ type: 'redeemed-unseen', ticketHash });
  });

  it('does not call it redeemed when nothing was paid', async () => {
    await win();
    t.chain.outcomes.push({ transactionHash: '0x01', paidWei: 0n, gasUsed: 1n });
    await pastParams();
    expect(one()).toMatchObject({ status: 'given-up', transactionHash: '0x01' });
    expect(one().note).toMatch(/^burnt/);
    expect(one().paidWei).toBeUndefined();
  });

  it('says when less than the face value was paid', async () => {
    await win();
    t.chain.outcomes.push({ transactionHash: '0x01', paidWei: 7n, gasUsed: 1n });
    await pastParams();
    expect(one()).toMatchObject({ status: 'redeemed', paidWei: 7n, note: 'paid in part' });
  });

  it('tries again after a failure that may pass, and goes on with other tickets', async () => {
    await win([1, 2]);
    t.chain.outcomes.push(new Error('nonce too low'));
    await pastParams();
    expect(
      t.desk
        .tickets()
        .map((x) => x.status)
        .toSorted(),
    ).toEqual(['queued', 'redeemed']);
    await nextBlock();
    expect(t.desk.tickets().map((x) => x.status)).toEqual(['redeemed', 'redeemed']);
  });

  it('gives up after a transaction that was mined and failed', async () => {
    await win();
    t.chain.outcomes.push(
      new ChainError('transaction-failed', 'transaction failed', { transactionHash: '0x02' }),
    );
    await pastParams();
    expect(one()).toMatchObject({ status: 'given-up', transactionHash: '0x02' });
    await nextBlock();
    expect(t.chain.redeemed).toEqual([]);
  });

  it('does not give up a ticket when its second transaction fails because the first one paid', async () => {
    await win();
    t.chain.outcomes.push(
      new ChainError('transaction-pending', 'no receipt', { transactionHash: '0x01' }),
      new ChainError('transaction-failed', 'transaction failed', { transactionHash: '0x02' }),
    );
    await pastParams();
    expect(one()).toMatchObject({ status: 'submitting', transactionHash: '0x01' });
    const { ticketHash } = one();
    const redeem = t.chain.redeem.bind(t.chain);
    t.chain.redeem = (winner, options) => {
      t.chain.used.add(ticketHash); // the first is mined while the second is on its way
      return redeem(winner, options);
    };
    await nextBlock();
    expect(one()).toMatchObject({ status: 'redeemed', note: 'used on chain; the payout was not seen' });
  });

  it('asks whether a redemption on its way was mined before it calls the ticket expired', async () => {
    await win();
    t.chain.outcomes.push(new ChainError('transaction-pending', 'no receipt', { transactionHash: '0x01' }));
    await pastParams();
    t.chain.used.add(one().ticketHash);
    t.chain.lastInitializedRound += 2n;
    await nextBlock();
    expect(one()).toMatchObject({ status: 'redeemed', transactionHash: '0x01' });
  });

  it('counts a transaction without receipt against the sender, and settles it when it shows', async () => {
    await win();
    t.chain.outcomes.push(new ChainError('transaction-pending', 'no receipt', { transactionHash: '0x03' }));
    await pastParams();
    expect(one()).toMatchObject({ status: 'submitting', note: 'no receipt', transactionHash: '0x03' });
    t.chain.used.add(one().ticketHash);
    await nextBlock();
    expect(one()).toMatchObject({ status: 'redeemed', transactionHash: '0x03' });
    expect(one().note).toMatch(/^used on chain/);
  });

  it('counts a redemption in flight against the reserve, and survives a stop in the middle of it', async () => {
    t.chain.sender = {
      deposit: 1_000n,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 1_500n, claimedInCurrentRound: 0n },
    };
    await win();
    const sent: string[] = [];
    t.chain.redeem = ({ ticket }) => {
      sent.push(ticket.recipientRandHash);
      return new Promise(() => {}); // a node that heeds no signal
    };
    await pastParams();
    expect(sent).toHaveLength(1);
    expect(one().status).toBe('submitting');
    // Reserve 1,500 less the 1,000 in flight carries no ticket of 1,000; before, it did.
    await expect(headersOf([1])).rejects.toMatchObject({ code: 'insufficient-reserve' });

    await t.clock.runUntil(t.desk.close());
    t = await testDesk({ databaseFile: join(folder, 'a.db'), seed: 2, sure: true });
    expect(one().status).toBe('submitting');
    t.chain.used.add(one().ticketHash);
    await pastParams();
    expect(one().status).toBe('redeemed');
  });

  it('lives through a chain that cannot be read', async () => {
    await win();
    await pastParams();
    await win();
    t.chain.l1Block += 40n;
    t.chain.reachable = false;
    await t.clock.advance(300_000);
    expect(one().status).toBe('queued');
    t.chain.reachable = true;
    await t.clock.advance(10_000);
    expect(t.desk.tickets().map((x) => x.status)).toEqual(['redeemed', 'redeemed']);
  });

  it('has every winner on disk before the payment is acknowledged', async () => {
    await win([1, 2]);
    // The process dies here, without closing anything.
    for (const suffix of ['', '-wal']) {
      if (existsSync(join(folder, `a.db${suffix}`))) {
        copyFileSync(join(folder, `a.db${suffix}`), join(folder, `b.db${suffix}`));
      }
    }
    const after = await testDesk({ databaseFile: join(folder, 'b.db'), seed: 2 });
    expect(after.desk.tickets()).toHaveLength(2);
    after.chain.l1Block += 40n;
    await after.clock.advance(5_000);
    expect(after.desk.tickets().map((x) => x.status)).toEqual(['redeemed', 'redeemed']);
    await after.clock.runUntil(after.desk.close());
  });

  it('keeps tickets, statements and prices over a restart, and closes what was open', async () => {
    const headers = await headersOf([1]);
    const inspected = t.desk.inspect(headers, { kind: 'reservation', offered: PER_SECOND });
    await t.clock.runUntil(t.desk.accept(inspected));
    await t.clock.runUntil(t.desk.openMeter({ inspected, offered: PER_SECOND, onRelease: () => {} }));
    await t.clock.advance(5_000);
    await t.clock.runUntil(t.desk.close());
    t = await testDesk({ databaseFile: join(folder, 'a.db'), seed: 2 });
    expect(t.desk.statement(inspected.manifestId)).toMatchObject({
      state: 'closed',
      closeReason: 'orchestrator-restarted',
      meteredWei: 500n,
    });
    expect(() => t.desk.inspect(headers, { kind: 'follow-up', sessionId: inspected.manifestId })).toThrow(
      'invalid auth token',
    );
    const refresh = JSON.stringify({ sender: sender.address, manifest_id: inspected.manifestId });
    expect((await t.clock.runUntil(t.desk.refresh(refresh))).status).toBe(200);
    await pastParams();
    expect(one().status).toBe('redeemed');
  });
});

describe('redemptionFailure', () => {
  it.each([
    [new ChainError('transaction-failed', 'x'), 'final'],
    [new ChainError('reverted', 'x', { revert: { code: 'ticket-used', text: 'ticket is used' } }), 'final'],
    [new ChainError('reverted', 'x', { revert: { code: 'no-round-hash', text: '' } }), 'final'],
    [new ChainError('reverted', 'x', { revert: { code: 'recipient-not-registered', text: '' } }), 'retry'],
    [new ChainError('rejected', 'insufficient funds for gas'), 'retry'],
    [new ChainError('transaction-pending', 'x'), 'pending'],
    [new TypeError('fetch failed'), 'retry'],
    ['text', 'retry'],
  ])('%s is %s', (error, outcome) => {
    expect(redemptionFailure(error).outcome).toBe(outcome);
  });
});
