import { memoryNonces, recipientRandSource } from '@lp/pm/recipient';
import { seededRandom, simulatedClock } from '@lp/runtime/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PER_SECOND, type TestDesk, testDesk } from '../../test/money-desk.ts';
import { payingSender } from '../../test/paying-sender.ts';
import { openDatabase } from '../ledger/database.ts';
import { groupCommit } from '../ledger/group-commit.ts';
import { openLedger } from '../ledger/ledger.ts';
import { ticketStore } from '../redemption/ticket-store.ts';
import { chainView, DEFAULT_CHAIN_TIMES } from './chain-view.ts';
import { type IntakeDeps, takeTickets } from './intake.ts';

const sender = payingSender(`0x${'11'.repeat(32)}`);
let t: TestDesk;

beforeEach(async () => {
  t = await testDesk();
});
afterEach(() => t.clock.runUntil(t.desk.close()));

describe('a payment that cannot be stored', () => {
  it('leaves nothing behind: the same headers are taken once the disk is back', async () => {
    const request = { payer: sender.address, offered: PER_SECOND, paymentUrl: () => 'https://o/p' };
    const { body } = await t.clock.runUntil(t.desk.challenge(request));
    const headers = await sender.pay(String(body), { nonces: [1, 2] });
    const inspected = t.desk.inspect(headers, { kind: 'reservation', offered: PER_SECOND });

    // An intake of its own with the desk's secret (the first 32 bytes of its seed) and a database that fails once.
    const clock = simulatedClock();
    const database = openDatabase(':memory:');
    const group = groupCommit(database, clock, () => {});
    const ledger = openLedger(database, clock);
    const stopping = new AbortController();
    const view = chainView({
      chain: t.chain,
      recipient: `0x${'73'.repeat(20)}`,
      clock,
      times: DEFAULT_CHAIN_TIMES,
      signal: stopping.signal,
      onEvent: () => {},
    });
    await view.heads.refresh();
    let full = true;
    const deps: IntakeDeps = {
      view,
      recipient: `0x${'73'.repeat(20)}`,
      rand: recipientRandSource(seededRandom(1).bytes(32)),
      nonces: memoryNonces(),
      ledger: {
        ...ledger,
        credit(key, payment) {
          const account = ledger.credit(key, payment);
          if (full) throw new Error('database or disk is full');
          return account;
        },
      },
      store: ticketStore(database),
      group,
      clock,
      onEvent: () => {},
    };
    await expect(takeTickets(inspected, deps)).rejects.toMatchObject({ status: 500, code: 'ledger-failed' });
    expect(ledger.statement(inspected.manifestId)).toBeUndefined();
    full = false;
    expect(await takeTickets(inspected, deps)).toMatchObject({ tickets: 2 });
    expect(ledger.statement(inspected.manifestId)?.tickets).toBe(2);
    stopping.abort();
    group.close();
    database.close();
  });
});

it('says 503, not 400, when the sender cannot be read: nothing was processed', async () => {
  const request = { payer: sender.address, offered: PER_SECOND, paymentUrl: () => 'https://o/p' };
  const { body } = await t.clock.runUntil(t.desk.challenge(request));
  const inspected = t.desk.inspect(await sender.pay(String(body)), {
    kind: 'reservation',
    offered: PER_SECOND,
  });
  t.chain.reachable = false;
  await t.clock.advance(125_000);
  await expect(t.clock.runUntil(t.desk.accept(inspected))).rejects.toMatchObject({ status: 503 });
  t.chain.reachable = true;
  await t.clock.advance(5_000);
  expect((await t.clock.runUntil(t.desk.accept(inspected))).tickets).toBe(1);
});
