import { readFileSync } from 'node:fs';
import { ratio } from '@lp/pricing';
import type { Payment, TicketSenderParams } from '@lp/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evQuanta,
  hexToBytes,
  isWinningTicket,
  MAX_WIN_PROB,
  privateKeySigner,
  signTickets,
  type Ticket,
  ticketHash,
} from '../index.ts';
import type { Hex } from '../types.ts';
import { memoryNonces } from './nonces.ts';
import { type RecipientView, receiveTickets } from './receive.ts';
import { recipientRandSource } from './recipient-rand.ts';
import { makeTicketParams } from './ticket-params.ts';

const signer = privateKeySigner(`0x${'11'.repeat(32)}`);
const recipient: Hex = `0x${'73'.repeat(20)}`;
const rand = recipientRandSource(new Uint8Array(32).fill(3));
const price = { pricePerUnit: 200n, pixelsPerUnit: 2n };
const head = {
  l1Block: 100n,
  lastInitializedRound: 5n,
  roundBlockHash: `0x${'ab'.repeat(32)}`,
  previousRoundBlockHash: `0x${'cd'.repeat(32)}`,
  currentRoundInitialized: true,
  poolSize: 1n,
  gasPrice: 0n,
} as const;
const richSender = {
  deposit: 10n ** 18n,
  withdrawRound: 0n,
  reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
};

/** Params worth `ev` of a face value `ev * 100` (or winning always with `sure`). */
const paramsOf = (seed: number, sure = false) =>
  makeTicketParams({
    policy: { ticketEv: 1000n, redeemGas: 0n, txCostMultiplier: 100n, maxFaceValue: sure ? 1000n : 0n },
    recipient,
    sender: signer.address,
    price: ratio(price.pricePerUnit, price.pixelsPerUnit),
    head,
    gasPrice: 0n,
    maxFloat: 10n ** 18n,
    seed: new Uint8Array(32).fill(seed),
    rand,
  });

const templateOf = (params: ReturnType<typeof paramsOf>): Ticket => ({
  recipient: params.recipient,
  sender: signer.address,
  faceValue: params.faceValue,
  winProb: params.winProb,
  senderNonce: 0,
  recipientRandHash: params.recipientRandHash,
  creationRound: params.expirationParams!.creationRound,
  creationRoundBlockHash: params.expirationParams!.creationRoundBlockHash,
});

async function pay(params: ReturnType<typeof paramsOf>, nonces: readonly number[]): Promise<Payment> {
  const signatures = await signTickets(templateOf(params), nonces, signer);
  const { expirationParams, ...ticketParams } = params;
  return {
    ticketParams,
    sender: signer.address,
    expirationParams: expirationParams!,
    ticketSenderParams: nonces.map((senderNonce, i) => ({ senderNonce, sig: signatures[i]! })),
    expectedPrice: price,
  };
}

const viewOf = (change: Partial<RecipientView> = {}): RecipientView => ({
  recipient,
  l1Block: head.l1Block,
  lastInitializedRound: head.lastInitializedRound,
  sender: richSender,
  rand,
  nonces: memoryNonces(),
  ...change,
});

const spoil = (payment: Payment, nonce: number): Payment => ({
  ...payment,
  ticketSenderParams: payment.ticketSenderParams.map(
    (ticket): TicketSenderParams =>
      ticket.senderNonce === nonce
        ? { ...ticket, sig: ticket.sig.map((b, i) => (i === 0 ? b ^ 1 : b)) }
        : ticket,
  ),
});

describe('receiveTickets', () => {
  const params = paramsOf(1);
  const ev = evQuanta(params.faceValue, params.winProb);

  it('credits every valid ticket with its exact EV', async () => {
    const received = receiveTickets(await pay(params, [1, 2, 3]), viewOf());
    expect(received).toMatchObject({ credited: 3, creditedQuanta: 3n * ev });
    expect(received.refusal).toBeUndefined();
  });

  it('takes the price in any terms, because it is reduced before hashing', async () => {
    const payment = await pay(params, [1]);
    const reduced = { ...payment, expectedPrice: { pricePerUnit: 100n, pixelsPerUnit: 1n } };
    expect(receiveTickets(reduced, viewOf()).credited).toBe(1);
  });

  it('brings nothing, and is no error, without ticket params', () => {
    expect(
      receiveTickets({ ticketSenderParams: [], sender: signer.address, expectedPrice: price }, viewOf()),
    ).toEqual({
      creditedQuanta: 0n,
      credited: 0,
      winners: [],
    });
  });

  it.each([
    ['sender', 'missing-sender'],
    ['expectedPrice', 'missing-price'],
    ['expirationParams', 'missing-expiration-params'],
  ] as const)('refuses tickets without %s', async (field, code) => {
    const { [field]: _, ...rest } = await pay(params, [1]);
    expect(receiveTickets(rest as Payment, viewOf()).refusal?.code).toBe(code);
  });

  it.each([
    [1n, 0n],
    [-200n, 2n],
    [-200n, -2n],
  ])('refuses a price of %d per %d units', async (pricePerUnit, pixelsPerUnit) => {
    const payment = { ...(await pay(params, [1])), expectedPrice: { pricePerUnit, pixelsPerUnit } };
    expect(receiveTickets(payment, viewOf()).refusal?.code).toBe('missing-price');
  });

  it.each<[string, (p: Payment) => Payment, Partial<RecipientView>, string, string]>([
    [
      'unreadable sender',
      (p) => p,
      { sender: { unreadable: 'no chain' } },
      'sender-unreadable',
      'could not get',
    ],
    [
      'unlocking sender',
      (p) => p,
      { sender: { ...richSender, withdrawRound: 6n } },
      'sender-unlocking',
      'deposit and reserve for sender',
    ],
    [
      'other recipient',
      (p) => p,
      { recipient: `0x${'99'.repeat(20)}` },
      'invalid-recipient',
      'invalid ticket recipient',
    ],
    [
      'zero sender',
      (p) => ({ ...p, sender: `0x${'00'.repeat(20)}` }),
      {},
      'invalid-sender',
      'invalid ticket sender',
    ],
    [
      'another price',
      (p) => ({ ...p, expectedPrice: { pricePerUnit: 99n, pixelsPerUnit: 1n } }),
      {},
      'invalid-recipient-rand',
      'invalid recipientRand for ticket recipientRandHash',
    ],
    [
      'another face value',
      (p) => ({ ...p, ticketParams: { ...p.ticketParams!, faceValue: p.ticketParams!.faceValue + 1n } }),
      {},
      'invalid-recipient-rand',
      'invalid recipientRand for ticket recipientRandHash',
    ],
    [
      'a later expiration',
      (p) => ({ ...p, ticketParams: { ...p.ticketParams!, expirationBlock: 10n ** 9n } }),
      {},
      'invalid-recipient-rand',
      'invalid recipientRand for ticket recipientRandHash',
    ],
    [
      'a round below 0',
      (p) => ({ ...p, expirationParams: { ...p.expirationParams!, creationRound: -1n } }),
      {},
      'invalid-recipient-rand',
      'invalid recipientRand for ticket recipientRandHash',
    ],
    [
      'params of another process',
      (p) => p,
      { rand: recipientRandSource(new Uint8Array(32)) },
      'invalid-recipient-rand',
      'invalid recipientRand for ticket recipientRandHash',
    ],
  ])('stops at once for: %s', async (_, change, view, code, text) => {
    const nonces = memoryNonces();
    const received = receiveTickets(change(await pay(params, [1, 2])), viewOf({ nonces, ...view }));
    expect(received).toMatchObject({ credited: 0, winners: [], refusal: { code, fatal: true } });
    expect(received.refusal?.text.startsWith(text)).toBe(true);
    expect(nonces.size).toBe(0);
  });

  it('credits up to the first bad ticket, and uses up the nonces of the rest', async () => {
    const nonces = memoryNonces();
    const received = receiveTickets(spoil(await pay(params, [1, 2, 3, 4]), 2), viewOf({ nonces }));
    expect(received).toMatchObject({ credited: 1, creditedQuanta: ev });
    expect(received.refusal).toMatchObject({ code: 'invalid-signature', fatal: false, nonce: 2 });
    expect(receiveTickets(await pay(params, [2]), viewOf({ nonces })).credited).toBe(1);
    expect(receiveTickets(await pay(params, [3]), viewOf({ nonces })).refusal?.code).toBe('nonce-seen');
  });

  it('takes nonces 0 and 1 once each', async () => {
    const nonces = memoryNonces();
    const at = async (nonce: number) => receiveTickets(await pay(params, [nonce]), viewOf({ nonces }));
    expect((await at(0)).credited).toBe(1);
    expect((await at(1)).credited).toBe(1);
    const replay = await at(1);
    expect(replay.refusal).toMatchObject({ code: 'nonce-seen', fatal: false });
    expect(replay.refusal?.text).toMatch(/^invalid ticket senderNonce: already seen .*nonce=1$/);
    expect((await at(0)).credited).toBe(0);
  });

  it('names the last nonce of a batch that was resent whole', async () => {
    const nonces = memoryNonces();
    const payment = await pay(params, [1, 2, 3]);
    receiveTickets(payment, viewOf({ nonces }));
    const again = receiveTickets(payment, viewOf({ nonces }));
    expect(again).toMatchObject({ credited: 0, refusal: { nonce: 3 } });
  });

  it('takes 600 nonces for one set of params', async () => {
    const nonces = memoryNonces();
    const first = Array.from({ length: 600 }, (_, i) => i);
    expect(receiveTickets(await pay(params, first), viewOf({ nonces })).credited).toBe(600);
    const more = receiveTickets(await pay(params, [600]), viewOf({ nonces }));
    expect(more.refusal?.text).toMatch(/^invalid ticket senderNonce: too many values/);
    expect(receiveTickets(await pay(paramsOf(2), [600]), viewOf({ nonces })).credited).toBe(1);
  });

  it('uses up the nonce and keeps the winner of expired params (TestReceiveTicket_ValidTicket_Expired)', async () => {
    const sure = paramsOf(7, true);
    const nonces = memoryNonces();
    const expired = viewOf({ nonces, l1Block: sure.expirationBlock });
    const received = receiveTickets(await pay(sure, [1]), expired);
    expect(received.refusal).toMatchObject({
      code: 'params-expired',
      text: 'TicketParams expired',
      fatal: false,
    });
    expect(received.winners).toHaveLength(1);
    expect(received.credited).toBe(0);
    expect(receiveTickets(await pay(sure, [1]), expired).refusal?.code).toBe('nonce-seen');
    expect(
      receiveTickets(await pay(sure, [2]), viewOf({ l1Block: sure.expirationBlock - 1n })).credited,
    ).toBe(1);
  });

  it('returns each winner with what redeeming it takes', async () => {
    const sure = paramsOf(9, true);
    expect(sure.winProb).toBe(MAX_WIN_PROB);
    const payment = await pay(sure, [4]);
    const [winner] = receiveTickets(payment, viewOf()).winners;
    expect(winner!.ticket).toEqual({ ...templateOf(sure), senderNonce: 4 });
    expect(winner!.ticketHash).toBe(ticketHash(winner!.ticket));
    expect(winner!.expirationBlock).toBe(sure.expirationBlock);
    expect(isWinningTicket(winner!.ticket, winner!.signature, winner!.recipientRand)).toBe(true);
  });

  it('draws like the one-ticket function', async () => {
    const nonces = Array.from({ length: 300 }, (_, i) => i);
    const payment = await pay(params, nonces);
    const received = receiveTickets(payment, viewOf());
    expect(received.winners.length).toBeGreaterThan(0);
    const secret = received.winners[0]!.recipientRand;
    const expected = payment.ticketSenderParams
      .filter((t) => isWinningTicket({ ...templateOf(params), senderNonce: t.senderNonce }, t.sig, secret))
      .map((t) => t.senderNonce);
    expect(received.winners.map((w) => w.ticket.senderNonce)).toEqual(expected);
  });

  it('credits each ticket at most once, whatever is resent in whatever order', async () => {
    const batches = await Promise.all([[1], [1, 2], [2, 3, 4], [3], [5, 5]].map((n) => pay(params, n)));
    fc.assert(
      fc.property(fc.array(fc.nat(batches.length - 1), { maxLength: 12 }), (order) => {
        const nonces = memoryNonces();
        let credited = 0;
        for (const index of order) credited += receiveTickets(batches[index]!, viewOf({ nonces })).credited;
        const sent = new Set(order.flatMap((i) => batches[i]!.ticketSenderParams.map((t) => t.senderNonce)));
        expect(credited).toBeLessThanOrEqual(sent.size);
      }),
    );
  });
});

describe('memoryNonces', () => {
  const hash: Hex = `0x${'01'.repeat(32)}`;

  it('forgets expired params, and only those', () => {
    const nonces = memoryNonces();
    nonces.record(hash, 1, 40n);
    nonces.record(`0x${'02'.repeat(32)}`, 1, 41n);
    nonces.prune(40n);
    expect(nonces.size).toBe(1);
    expect(nonces.record(`0x${'02'.repeat(32)}`, 1, 41n)).toBe('seen');
    expect(nonces.record(hash, 1, 40n)).toBe('recorded');
  });

  it('takes a record back', () => {
    const nonces = memoryNonces();
    nonces.record(hash, 1, 40n);
    nonces.record(hash, 2, 40n);
    nonces.forget(hash, 2);
    expect([nonces.record(hash, 1, 40n), nonces.record(hash, 2, 40n)]).toEqual(['seen', 'recorded']);
  });
});

describe('against the contract', () => {
  const broker = JSON.parse(
    readFileSync(new URL('../../../../test/vectors/ticketbroker.json', import.meta.url), 'utf8'),
  );
  it('agrees with the TicketBroker about who wins', () => {
    for (const row of broker.redemption.tickets) {
      if (row.wins === undefined || row.ticket.auxData.length !== 130) continue;
      const ticket: Ticket = {
        ...row.ticket,
        faceValue: BigInt(row.ticket.faceValue),
        winProb: BigInt(row.ticket.winProb),
        creationRound: BigInt(row.ticket.auxData.slice(0, 66)),
        creationRoundBlockHash: `0x${row.ticket.auxData.slice(66)}`,
      };
      expect(ticketHash(ticket), row.name).toBe(row.hash);
      expect(isWinningTicket(ticket, hexToBytes(row.signature), BigInt(row.recipientRand)), row.name).toBe(
        row.wins,
      );
    }
  });
});
