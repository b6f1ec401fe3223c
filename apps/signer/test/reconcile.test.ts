import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevAccount, type Devchain, startDevchain } from '@lp/devchain';
import {
  bytesToHex,
  type Hex,
  isWinningTicket,
  keccak256,
  MAX_WIN_PROB,
  privateKeySigner,
  type Ticket,
  ticketHashBytes,
  uint256Bytes,
} from '@lp/pm';
import { ethersChain, senderAccount, transactionKey } from '@lp/pm/chain';
import { ceilDiv } from '@lp/pricing';
import { decodePaymentHeader, encodeBase64, encodeOrchestratorInfo } from '@lp/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reconcileCommand } from '../src/commands/reconcile.ts';
import type { ReconciledDay } from '../src/usage/reconcile.ts';
import { offer, startTestSigner, type TestSigner } from './signer-fixture.ts';

const ETHER = 10n ** 18n;
const GWEI = 10n ** 9n;
const DAY_MS = 86_400_000;

let devchain: Devchain;
let folder: string;
let signer: TestSigner;
beforeAll(async () => {
  devchain = await startDevchain();
  folder = await mkdtemp(join(tmpdir(), 'lp-reconcile-'));
  signer = await startTestSigner({
    flags: [
      '--ledger=sqlite',
      `--data-dir=${folder}`,
      `--max-ticket-ev-wei=${ETHER}`,
      `--max-total-ev-wei=${100n * ETHER}`,
    ],
    ports: {
      signer: privateKeySigner(devchain.accounts.sender.privateKey as Hex),
      chain: chainOf(devchain.accounts.sender),
    },
  });
});
afterAll(async () => {
  await signer[Symbol.asyncDispose]();
  await devchain.close();
  await rm(folder, { recursive: true });
});

function chainOf({ privateKey }: DevAccount) {
  return ethersChain({
    rpcUrl: devchain.rpcUrl,
    controller: devchain.controller as Hex,
    signer: transactionKey(privateKey as Hex),
  });
}

/** A ticket that won. */
interface Winner {
  readonly ticket: Ticket;
  readonly signature: Uint8Array;
  readonly recipientRand: bigint;
}

/** Ticket params of an orchestrator that win every second time. */
async function paramsOf(orchestrator: DevAccount, faceValue: bigint, recipientRand: bigint) {
  const { l1Block, lastInitializedRound, roundBlockHash } = await chainOf(orchestrator).head();
  return {
    recipient: orchestrator.address.toLowerCase() as Hex,
    faceValue,
    winProb: MAX_WIN_PROB / 2n,
    recipientRandHash: bytesToHex(keccak256(uint256Bytes(recipientRand))),
    seed: 1n,
    expirationBlock: l1Block + 40n,
    expirationParams: { creationRound: lastInitializedRound, creationRoundBlockHash: roundBlockHash },
  };
}

/** Pays `wei` in tickets: the winners among them, what was issued, and the day by the signer's clock. */
async function pay(orchestrator: DevAccount, faceValue: bigint, wei: bigint, recipientRand: bigint) {
  const params = await paramsOf(orchestrator, faceValue, recipientRand);
  const { expirationParams, seed: _seed, expirationBlock: _block, ...onChain } = params;
  const priceInfo = { pricePerUnit: GWEI, pixelsPerUnit: 1n };
  const info = offer({ ticketParams: params, priceInfo });
  const answer = await signer.post('/generate-live-payment', {
    orchestrator: encodeBase64(encodeOrchestratorInfo(info)),
    type: '',
    inPixels: Number(wei / GWEI),
  });
  expect(answer.status).toBe(200);
  const { sender, ticketSenderParams } = decodePaymentHeader(answer.json.payment as string);
  const { LastUpdate } = JSON.parse(atob(answer.json.state.State as string)) as { LastUpdate: string };
  const winners = ticketSenderParams.flatMap(({ senderNonce, sig }): Winner[] => {
    const ticket = { ...onChain, ...expirationParams, sender: sender!, senderNonce };
    return isWinningTicket(ticket, bytesToHex(sig), recipientRand)
      ? [{ ticket, signature: sig, recipientRand }]
      : [];
  });
  const tickets = BigInt(ticketSenderParams.length);
  const issuedWei = ceilDiv(tickets * faceValue * params.winProb, MAX_WIN_PROB);
  return { day: LastUpdate.slice(0, 10), winners, tickets, issuedWei };
}

/** Redeems tickets one after the other: what left deposit and reserve of their sender, and how many were paid. */
async function redeem(orchestrator: DevAccount, winners: readonly Winner[]) {
  const chain = chainOf(orchestrator);
  let [paidWei, redemptions] = [0n, 0];
  for (const winner of winners) {
    const before = await moneyOf(winner.ticket.sender);
    await chain.redeem(winner, { gasLimit: 1_200_000n });
    const leftWei = before - (await moneyOf(winner.ticket.sender));
    paidWei += leftWei;
    redemptions += leftWei > 0n ? 1 : 0;
  }
  return { paidWei, redemptions };
}

async function moneyOf(address: Hex): Promise<bigint> {
  const { deposit, reserve } = await chainOf(devchain.accounts.sender).senderInfo(address);
  return deposit + reserve.fundsRemaining;
}

async function rpc(method: string, params: readonly unknown[]): Promise<{ readonly timestamp?: string }> {
  const response = await fetch(devchain.rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await response.json()) as { result: { timestamp?: string } }).result;
}

async function dayOfChain(): Promise<string> {
  const { timestamp } = await rpc('eth_getBlockByNumber', ['latest', false]);
  return new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
}

async function reconciled(fromMs: number, toMs: number): Promise<readonly ReconciledDay[]> {
  let text = '';
  const at = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const code = await reconcileCommand(
    [
      `--from=${at(fromMs)}`,
      `--to=${at(toMs)}`,
      '--json',
      `--data-dir=${folder}`,
      `--rpc-url=${devchain.rpcUrl}`,
      `--controller=${devchain.controller}`,
    ],
    { out: (more) => (text += more), err: expect.unreachable },
  );
  expect(code).toBe(0);
  const wei = new Set(['tickets', 'issuedWei', 'paidWei', 'runningWei']);
  return JSON.parse(text, (key, value: unknown) =>
    wei.has(key) ? BigInt(value as string) : value,
  ) as ReconciledDay[];
}

test('what the TicketBroker paid for real winners stands beside what was issued, per orchestrator and day', async () => {
  const { orchestrators, outsider } = devchain.accounts;
  const [first, second] = orchestrators;
  // 39 tickets of 10^12 wei, and 51 of 1 ETH: one chance in 5 * 10^7 that fewer than four win
  const small = await pay(first, 10n ** 12n, 19n * 10n ** 12n, 11n);
  const large = await pay(second, ETHER, 25n * ETHER, 22n);
  expect([small.tickets, large.tickets]).toEqual([39n, 51n]);
  expect(Math.min(small.winners.length, large.winners.length)).toBeGreaterThan(3);

  // someone else's ticket to the same orchestrator is not ours to reconcile
  const account = senderAccount({
    rpcUrl: devchain.rpcUrl,
    controller: devchain.controller as Hex,
    signer: transactionKey(outsider.privateKey as Hex),
  });
  await account.send(await account.prepare({ kind: 'fund', deposit: ETHER, reserve: ETHER }));
  expect(await redeem(first, [await winnerOf(outsider, first)])).toEqual({ paidWei: 5n, redemptions: 1 });

  const firstDay = await dayOfChain();
  const early = await redeem(first, small.winners.slice(0, 2));
  expect(early).toEqual({ paidWei: 2n * 10n ** 12n, redemptions: 2 });
  const midnight = (Date.parse(firstDay) + DAY_MS) / 1000;
  await rpc('evm_setNextBlockTimestamp', [midnight]);
  const [atMidnight, ...others] = small.winners.slice(2);
  const late = await redeem(first, [atMidnight!]); // in the first second of the next day
  const secondDay = await dayOfChain();
  expect(secondDay).toBe(new Date(midnight * 1000).toISOString().slice(0, 10));
  // the deposit, then what the reserve has for one of two orchestrators, then nothing: the ticket is burnt
  const drained = await redeem(second, large.winners.slice(0, 4));
  expect(drained.paidWei).toBe((3n * ETHER) / 2n - 3n * 10n ** 12n + (21n * ETHER) / 20n);
  expect(drained.redemptions).toBe(3);
  expect(others.length).toBeGreaterThan(0); // winners that nobody redeems

  expect(small.day).toBe(firstDay);
  const [firstName, secondName] = [first, second].map(({ address }) => address.toLowerCase());
  const fromMs = Date.parse(firstDay);
  const expected: ReconciledDay[] = [
    {
      day: firstDay,
      recipient: firstName!,
      tickets: 39n,
      issuedWei: small.issuedWei,
      ...early,
      runningWei: early.paidWei - small.issuedWei,
    },
    {
      day: secondDay,
      recipient: firstName!,
      tickets: 0n,
      issuedWei: 0n,
      ...late,
      runningWei: early.paidWei + late.paidWei - small.issuedWei,
    },
    {
      day: firstDay,
      recipient: secondName!,
      tickets: 51n,
      issuedWei: large.issuedWei,
      paidWei: 0n,
      redemptions: 0,
      runningWei: -large.issuedWei,
    },
    {
      day: secondDay,
      recipient: secondName!,
      tickets: 0n,
      issuedWei: 0n,
      ...drained,
      runningWei: drained.paidWei - large.issuedWei,
    },
  ];
  const inOrder = expected.toSorted((a, b) =>
    `${a.recipient} ${a.day}` < `${b.recipient} ${b.day}` ? -1 : 1,
  );
  expect(await reconciled(fromMs, fromMs + 2 * DAY_MS)).toEqual(inOrder);
  // one day alone has what fell on it
  expect(await reconciled(fromMs, fromMs + DAY_MS)).toEqual(inOrder.filter(({ day }) => day === firstDay));
  expect(await reconciled(fromMs + DAY_MS, fromMs + 2 * DAY_MS)).toEqual(
    inOrder
      .filter(({ day }) => day === secondDay)
      .map((day) => ({ ...day, runningWei: day.paidWei - day.issuedWei })),
  );
  expect(await reconciled(fromMs - DAY_MS, fromMs)).toEqual([]);
});

/** A winning ticket of 5 wei that another sender signed. */
async function winnerOf(sender: DevAccount, orchestrator: DevAccount): Promise<Winner> {
  const recipientRand = 33n;
  const {
    seed: _seed,
    expirationBlock: _block,
    expirationParams,
    ...params
  } = await paramsOf(orchestrator, 5n, recipientRand);
  const key = privateKeySigner(sender.privateKey as Hex);
  for (let senderNonce = 1; senderNonce < 200; senderNonce++) {
    const ticket = { ...params, ...expirationParams, sender: key.address, senderNonce };
    const [signature] = await key.signMessages([ticketHashBytes(ticket)]);
    if (isWinningTicket(ticket, bytesToHex(signature!), recipientRand)) {
      return { ticket, signature: signature!, recipientRand };
    }
  }
  return expect.fail('no ticket won');
}
