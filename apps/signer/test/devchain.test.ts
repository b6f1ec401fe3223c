import { type Devchain, startDevchain } from '@lp/devchain';
import {
  bytesToHex,
  type Hex,
  isWinningTicket,
  keccak256,
  MAX_WIN_PROB,
  type Ticket,
  uint256Bytes,
} from '@lp/pm';
import { ethersChain, transactionKey } from '@lp/pm/chain';
import { decodePaymentHeader, encodeBase64, encodeOrchestratorInfo, type TicketParams } from '@lp/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, offer } from './signer-fixture.ts';
import { type SignerProcess, spawnSigner } from './signer-process.ts';

const RECIPIENT_RAND = 123_456_789n;

let devchain: Devchain;
let signer: SignerProcess;
let url: string;
beforeAll(async () => {
  devchain = await startDevchain({ serviceUris: ['http://127.0.0.1:9', 'http://127.0.0.1:9'] });
  signer = await spawnSigner({
    account: devchain.accounts.sender,
    flags: ['--rpc-url', devchain.rpcUrl, '--controller', devchain.controller, '--chain-poll-ms', '100'],
  });
  url = await signer.address('listening');
});
afterAll(async () => {
  await signer[Symbol.asyncDispose]();
  await devchain.close();
});

/** Tickets of 10^12 wei that win every second time, for the first orchestrator. */
async function params(): Promise<TicketParams> {
  const { l1Block, lastInitializedRound, roundBlockHash } = await reader().head();
  return {
    recipient: devchain.accounts.orchestrators[0].address.toLowerCase() as Hex,
    faceValue: 10n ** 12n,
    winProb: MAX_WIN_PROB / 2n,
    recipientRandHash: bytesToHex(keccak256(uint256Bytes(RECIPIENT_RAND))),
    seed: 1n,
    expirationBlock: l1Block + 40n,
    expirationParams: { creationRound: lastInitializedRound, creationRoundBlockHash: roundBlockHash },
  };
}

function reader() {
  return ethersChain({
    rpcUrl: devchain.rpcUrl,
    controller: devchain.controller as Hex,
    signer: transactionKey(devchain.accounts.orchestrators[0].privateKey as Hex),
  });
}

function pay(ticketParams: TicketParams) {
  const priceInfo = { pricePerUnit: 10n ** 9n, pixelsPerUnit: 1n };
  const orchestrator = encodeBase64(encodeOrchestratorInfo(offer({ ticketParams, priceInfo })));
  return call(`${url}/generate-live-payment`, {
    method: 'POST',
    body: JSON.stringify({ orchestrator, type: '', inPixels: 19_000 }),
  });
}

test('its tickets are paid by the real TicketBroker, and expire with the L1 block', async () => {
  expect(await call(`${await signer.address('admin')}/readyz`)).toMatchObject({ status: 200 });
  const ticketParams = await params();
  const answer = await pay(ticketParams);
  expect(answer.status).toBe(200);
  const payment = decodePaymentHeader(answer.json.payment);
  expect(payment.ticketSenderParams).toHaveLength(39); // 1.9e13 wei in tickets of slightly less than 5e11
  expect(payment.sender).toBe(devchain.accounts.sender.address.toLowerCase());

  const winner = payment.ticketSenderParams.flatMap(({ senderNonce, sig }) => {
    const { expirationParams, recipient, faceValue, winProb, recipientRandHash } = ticketParams;
    const ticket: Ticket = {
      recipient,
      faceValue,
      winProb,
      recipientRandHash,
      senderNonce,
      sender: payment.sender!,
      ...expirationParams!,
    };
    return isWinningTicket(ticket, bytesToHex(sig), RECIPIENT_RAND) ? [{ ticket, signature: sig }] : [];
  })[0]; // one chance in 5e11 that there is none
  const redeemed = await reader().redeem(
    { ...winner!, recipientRand: RECIPIENT_RAND },
    { gasLimit: 1_200_000n },
  );
  expect(redeemed.paidWei).toBe(10n ** 12n);

  await devchain.mine(40);
  await expect
    .poll(() => pay(ticketParams))
    .toMatchObject({
      status: 480,
      json: { error: { code: 'refresh-session' } },
    });
});

test('it ends on SIGTERM, having said what it holds and not the key', async () => {
  expect(signer.stderr()).toContain(`"sender":"${devchain.accounts.sender.address.toLowerCase()}"`);
  signer.child.kill('SIGTERM');
  expect(await signer.exited).toBe(0);
  expect(signer.stderr()).not.toContain(devchain.accounts.sender.privateKey.slice(2));
});

test('a wrong password ends the start with 2', async () => {
  await using wrong = await spawnSigner({
    account: devchain.accounts.sender,
    password: 'wrong',
    flags: ['--rpc-url', devchain.rpcUrl, '--controller', devchain.controller],
  });
  expect(await wrong.exited).toBe(2);
  expect(wrong.stderr()).toContain('the password does not open this keystore');
});
