import { type Devchain, startDevchain } from '@lp/devchain';
import { ethersChain, transactionKey } from '@lp/pm/chain';
import type { Hex } from '@lp/protocol';
import { systemClock, systemRandom } from '@lp/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeskEvent } from '../src/payments/events.ts';
import { openPaymentDesk } from '../src/payments/open-desk.ts';
import { PER_SECOND } from './money-desk.ts';
import { payingSender } from './paying-sender.ts';

const FACE_VALUE = 10n ** 16n;
let chain: Devchain;

beforeAll(async () => {
  chain = await startDevchain();
});
afterAll(() => chain.close());

/** A desk whose tickets all win, and a way to wait for what happens to it. */
async function realDesk() {
  const [orchestrator] = chain.accounts.orchestrators;
  const seen: DeskEvent[] = [];
  const listeners = new Set<() => void>();
  const desk = await openPaymentDesk({
    chain: ethersChain({
      rpcUrl: chain.rpcUrl,
      controller: chain.controller as Hex,
      signer: transactionKey(orchestrator.privateKey as Hex),
    }),
    recipient: orchestrator.address as Hex,
    serviceUrl: () => 'https://orchestrator.test',
    databaseFile: ':memory:',
    policy: { ticketEv: FACE_VALUE, maxFaceValue: FACE_VALUE },
    times: { pollMs: 20, freshMs: 50 },
    clock: systemClock,
    random: systemRandom,
    onEvent(event) {
      seen.push(event);
      for (const listener of listeners) listener();
    },
  });
  const until = async (enough: (events: readonly DeskEvent[]) => boolean): Promise<void> => {
    if (enough(seen)) return;
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        if (!enough(seen)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
    });
  };
  return { desk, seen, until };
}

describe('on the real contracts', () => {
  it('takes tickets, redeems the winners and counts what the contract paid', async () => {
    const { desk, seen, until } = await realDesk();
    const sender = payingSender(chain.accounts.sender.privateKey as Hex);
    const request = { payer: sender.address, offered: PER_SECOND, paymentUrl: () => 'https://o/p' };
    const { body } = await desk.challenge(request);
    const headers = await sender.pay(String(body), { nonces: [1, 2, 3] });
    const accepted = await desk.accept(desk.inspect(headers, { kind: 'reservation', offered: PER_SECOND }));
    expect(accepted).toMatchObject({ tickets: 3, winners: 3 });
    expect(desk.tickets().map((t) => t.status)).toEqual(['queued', 'queued', 'queued']);

    await chain.mine(40);
    if (await chain.initializeRound()) await chain.mine(1);
    await until((events) => events.filter((e) => e.type === 'redeemed').length === 3);
    for (const ticket of desk.tickets()) {
      expect(ticket).toMatchObject({ status: 'redeemed', paidWei: FACE_VALUE });
    }
    expect(seen.filter((e) => e.type === 'redemption-failed')).toEqual([]);
    await desk.close();
  });
});
