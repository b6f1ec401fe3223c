import { readFileSync } from 'node:fs';
import { type Devchain, startDevchain } from '@lp/devchain';
import { ratio } from '@lp/pricing';
import { Contract, encryptKeystoreJson, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ABI } from '../src/chain/contracts.ts';
import { type Chain, ChainError, ethersChain, type Redemption, transactionKey } from '../src/chain/index.ts';
import { hexToBytes } from '../src/hex.ts';
import { privateKeySigner } from '../src/private-key-signer.ts';
import { signTicket } from '../src/sign-tickets.ts';
import { ticketHash } from '../src/ticket-hash.ts';
import type { Hex, Ticket } from '../src/types.ts';

import { redeem as readmeRedeem } from './readme-chain.ts';

interface VectorTicket {
  readonly name: string;
  readonly ticket: {
    readonly recipient: Hex;
    readonly sender: Hex;
    readonly faceValue: string;
    readonly winProb: string;
    readonly senderNonce: number;
    readonly recipientRandHash: Hex;
    readonly auxData: Hex;
  };
  readonly hash: Hex;
  readonly recipientRand: Hex;
  readonly outcome: {
    readonly accepted: boolean;
    readonly revert?: string;
    readonly paidWei?: string;
    readonly gasUsed?: number;
  };
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/ticketbroker.json', import.meta.url), 'utf8'),
) as {
  hashAndSignature: VectorTicket[];
  redemption: { tickets: VectorTicket[]; reserveClaim: Record<string, string> };
};

const GAS = 1_200_000n;
const MILLI_ETHER = 10n ** 15n;
let devchain: Devchain;
let provider: JsonRpcProvider;
let chain: Chain;
/** The same chain, with transactions from an account that has no part in the protocol. */
let outsider: Chain;
let broker: Contract;
const key = (account: { readonly privateKey: string }): Hex => account.privateKey as Hex;
const lower = (account: { readonly address: string }): Hex => account.address.toLowerCase() as Hex;
const vector = (name: string): VectorTicket => {
  const found = vectors.redemption.tickets.find((ticket) => ticket.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
};

beforeAll(async () => {
  devchain = await startDevchain({ serviceUris: ['https://one.example:8935'] });
  provider = new JsonRpcProvider(devchain.rpcUrl, undefined, { cacheTimeout: -1, staticNetwork: true });
  const controller = devchain.controller as Hex;
  const at = { rpcUrl: devchain.rpcUrl, controller, priceFeed: devchain.priceFeed as Hex };
  chain = ethersChain({ ...at, signer: transactionKey(key(devchain.accounts.orchestrators[0])) });
  // The other way in: a provider of the caller, and any signer of ethers.
  const signer = new Wallet(devchain.accounts.outsider.privateKey);
  outsider = ethersChain({ provider, controller, signer });
  broker = new Contract(
    devchain.contracts.ticketBroker,
    [
      'function getTicketHash(tuple(address recipient, address sender, uint256 faceValue, uint256 winProb, uint256 senderNonce, bytes32 recipientRandHash, bytes auxData)) pure returns (bytes32)',
      'function claimableReserve(address, address) view returns (uint256)',
      'function unlock()',
    ],
    new Wallet(devchain.accounts.sender.privateKey, provider),
  );
});
afterAll(async () => {
  provider?.destroy();
  await devchain?.close();
});

const claimable = (holder: { address: string }, claimant: { address: string }): Promise<bigint> =>
  broker.getFunction('claimableReserve')(holder.address, claimant.address) as Promise<bigint>;

/** A vector's ticket as it would be on this chain: with the hash that this chain keeps for the ticket's round. */
async function prepare(
  name: string,
  change: Partial<Ticket> = {},
  signerKey = key(devchain.accounts.sender),
): Promise<{ ticket: Ticket; signature: Uint8Array; recipientRand: bigint }> {
  const { ticket, recipientRand } = vector(name);
  const head = await chain.head();
  const creationRound = ticket.auxData === '0x' ? 0n : BigInt(ticket.auxData.slice(0, 66));
  const hash =
    creationRound === head.lastInitializedRound ? head.roundBlockHash : head.previousRoundBlockHash;
  const prepared: Ticket = {
    recipient: ticket.recipient,
    sender: ticket.sender,
    faceValue: BigInt(ticket.faceValue),
    winProb: BigInt(ticket.winProb),
    senderNonce: ticket.senderNonce,
    recipientRandHash: ticket.recipientRandHash,
    creationRound,
    creationRoundBlockHash: creationRound === 0n ? `0x${'00'.repeat(32)}` : hash,
    ...change,
  };
  const signature = hexToBytes(await signTicket(prepared, privateKeySigner(signerKey)));
  return { ticket: prepared, signature, recipientRand: BigInt(recipientRand) };
}

const redeem = async (name: string, change: Partial<Ticket> = {}): Promise<Redemption> =>
  chain.redeem(await prepare(name, change), { gasLimit: GAS });

/** Redeems a vector's ticket and expects the refusal that the vector recorded. */
async function refused(name: string, code: string, winner?: Awaited<ReturnType<typeof prepare>>) {
  const text = vector(name).outcome.revert;
  expect(text).toBeTypeOf('string');
  await expect(chain.redeem(winner ?? (await prepare(name)), { gasLimit: GAS })).rejects.toMatchObject({
    name: 'ChainError',
    code: 'reverted',
    message: `the contract refuses: ${text}`,
    revert: { code, text },
  });
}

describe('reading', () => {
  it('tells the head', async () => {
    const head = await chain.head();
    expect(head).toMatchObject({
      l1Block: await devchain.blockNumber(),
      lastInitializedRound: 2n,
      currentRoundInitialized: true,
      poolSize: 2n,
      gasPrice: 1n,
    });
    expect(head.roundBlockHash).toBe(
      (await provider.getBlock(99))?.hash === undefined ? '' : head.roundBlockHash,
    );
    expect(head.roundBlockHash).not.toBe(head.previousRoundBlockHash);
    expect(await outsider.head()).toEqual(head);
  });

  it('tells the money of a sender, and zeros of a stranger', async () => {
    expect(await chain.senderInfo(lower(devchain.accounts.sender))).toEqual({
      deposit: 1_500n * MILLI_ETHER,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 2_100n * MILLI_ETHER, claimedInCurrentRound: 0n },
    });
    expect(await chain.senderInfo(lower(devchain.accounts.outsider))).toEqual({
      deposit: 0n,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n },
    });
  });

  it('tells registrations', async () => {
    const registration = await chain.registration(lower(devchain.accounts.orchestrators[1]));
    expect(registration).toEqual({
      registered: true,
      activationRound: 2n,
      deactivationRound: 2n ** 256n - 1n,
    });
    expect(await chain.registration(lower(devchain.accounts.outsider))).toEqual({
      registered: false,
      activationRound: 0n,
      deactivationRound: 0n,
    });
  });

  it('tells the validity of tickets', async () => {
    expect(await chain.ticketValidityPeriod()).toBe(2n);
  });

  it('walks the pool, the second time in one round of calls', async () => {
    const [one, two] = devchain.accounts.orchestrators;
    const rounds: string[][] = [];
    const counted = ethersChain({
      controller: devchain.controller as Hex,
      provider: {
        send(method, params) {
          const call = params[0] as { data: string };
          // The pool's calls take at most one address: what is asked while nothing else is under way is one round.
          if (call.data.startsWith('0x235c9603') || call.data.startsWith('0x88a6c749'))
            rounds.at(-1)?.push(method);
          return provider.send(method, params);
        },
      },
    });
    const expected = [
      { address: lower(two), serviceUri: '' },
      { address: lower(one), serviceUri: 'https://one.example:8935' },
    ];
    rounds.push([]);
    expect(await counted.orchestrators()).toEqual(expected);
    rounds.push([]);
    expect(await counted.orchestrators()).toEqual(expected);
    expect(rounds.map((round) => round.length)).toEqual([3, 3]);
  });
});

describe('hashes', () => {
  it.each(vectors.hashAndSignature.map((one) => [one.name, one] as const))(
    'are what the contract computes: %s',
    async (_name, { ticket, hash }) => {
      const round = ticket.auxData === '0x' ? 0n : BigInt(ticket.auxData.slice(0, 66));
      const blockHash: Hex =
        ticket.auxData === '0x' ? `0x${'00'.repeat(32)}` : `0x${ticket.auxData.slice(66)}`;
      const ours = ticketHash({
        ...ticket,
        faceValue: BigInt(ticket.faceValue),
        winProb: BigInt(ticket.winProb),
        creationRound: round,
        creationRoundBlockHash: blockHash,
      });
      expect(ours).toBe(hash);
      expect(await broker.getFunction('getTicketHash')(ticket)).toBe(ours);
    },
  );
});

// The sequence of test/vectors/ticketbroker.json: each test stands on the ones before it.
describe('redemption, in the order of the vectors', () => {
  const paid = async (name: string, gasTolerance = 1_000n): Promise<void> => {
    const { outcome } = vector(name);
    const redemption = await redeem(name);
    expect(redemption.paidWei).toBe(BigInt(outcome.paidWei ?? ''));
    const difference = redemption.gasUsed - BigInt(outcome.gasUsed ?? 0);
    expect(difference < gasTolerance && difference > -gasTolerance, `gas ${redemption.gasUsed}`).toBe(true);
  };

  it('pays a certain winner once', async () => {
    const name = 'always-win winProb 2^256-1, small nonce';
    const { ticket } = await prepare(name);
    expect(await chain.isTicketUsed(ticketHash(ticket))).toBe(false);
    const winner = await prepare(name);
    const redemption = await chain.redeem(winner, { gasLimit: GAS });
    expect(redemption.paidWei).toBe(10n * MILLI_ETHER);
    expect(redemption.transactionHash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await chain.isTicketUsed(ticketHash(ticket))).toBe(true);
    await refused('replay of the first ticket', 'ticket-used', winner);
  });

  it('pays nothing for a face value of zero', () => paid('zero faceValue'));

  it('pays only what the draw says', async () => {
    const quarter = 'winProb (2^256-1)/4, winning nonce';
    // Another block hash, another draw: take the first nonces that win and lose here.
    const outcomes: boolean[] = [];
    for (let senderNonce = 100; outcomes.length < 40 && new Set(outcomes).size < 2; senderNonce++) {
      const attempt = await redeem(quarter, { senderNonce }).then(
        (redemption) => redemption.paidWei === 10n * MILLI_ETHER,
        (error: unknown) => {
          expect(error).toMatchObject({ revert: { code: 'not-winning' } });
          return false;
        },
      );
      outcomes.push(attempt);
    }
    expect(new Set(outcomes)).toEqual(new Set([true, false]));
  });

  it('refuses what cannot win', () => refused('winProb 0 never wins', 'not-winning'));
  it('refuses a wrong recipientRand', async () => {
    await refused('wrong recipientRand', 'wrong-recipient-rand');
  });
  it('refuses a signature of someone else', async () => {
    const name = 'signed by someone else';
    await refused(name, 'wrong-signer', await prepare(name, {}, key(devchain.accounts.outsider)));
  });
  it('refuses a round without a hash', async () => {
    const name = 'unknown creation round';
    await refused(name, 'no-round-hash', await prepare(name, { creationRound: 99n }));
  });
  it('refuses a wrong round hash', async () => {
    const name = 'wrong creation round block hash';
    await refused(
      name,
      'wrong-round-hash',
      await prepare(name, { creationRoundBlockHash: `0x${'11'.repeat(32)}` }),
    );
  });
  it('refuses empty aux data', () => refused('empty auxData', 'aux-data-length'));
  it('refuses a recipient that is not registered', () =>
    refused('recipient is not a registered orchestrator', 'recipient-not-registered'));
  it('refuses a sender without money', async () => {
    const name = 'sender never funded';
    const sender = lower(devchain.accounts.outsider);
    await refused(name, 'sender-empty', await prepare(name, { sender }, key(devchain.accounts.outsider)));
  });
  it('refuses a malformed signature', async () => {
    // Which text depends on the build of the contract (chain.md section 4): this one knows no malformed signatures.
    const winner = await prepare('redeemed by a third party, paid to the recipient');
    // 64 bytes may be a good compact signature (EIP-2098), so two are cut.
    for (const signature of [winner.signature.subarray(0, 63), winner.signature.with(64, 5)]) {
      const error: unknown = await chain
        .redeem({ ...winner, signature }, { gasLimit: GAS })
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'reverted' });
      expect((error as ChainError).revert?.code).toMatch(/^(bad-signature|wrong-signer)$/);
    }
  });
  it('refuses null addresses', async () => {
    const name = 'redeemed by a third party, paid to the recipient';
    const zero: Hex = `0x${'00'.repeat(20)}`;
    await expect(redeem(name, { recipient: zero })).rejects.toMatchObject({
      revert: { code: 'recipient-null' },
    });
    await expect(redeem(name, { sender: zero })).rejects.toMatchObject({ revert: { code: 'sender-null' } });
  });

  it('pays the recipient, whoever sends', async () => {
    const name = 'redeemed by a third party, paid to the recipient';
    const redemption = await outsider.redeem(await prepare(name), { gasLimit: GAS });
    expect(redemption.paidWei).toBe(10n * MILLI_ETHER);
    const recipient = vector(name).ticket.recipient.toLowerCase();
    expect(recipient).toBe(lower(devchain.accounts.orchestrators[0]));
  });

  it('takes the deposit and the share of the reserve, no more', async () => {
    const { sender, orchestrators } = devchain.accounts;
    const claim = vectors.redemption.reserveClaim;
    const { deposit } = await chain.senderInfo(lower(sender));
    expect(await claimable(sender, orchestrators[0])).toBe(BigInt(claim['claimableBefore'] ?? ''));
    const redemption = await redeem('face value above deposit: deposit plus reserve share');
    expect(redemption.paidWei).toBe(deposit + BigInt(claim['claimedAfter'] ?? ''));
    expect(await claimable(sender, orchestrators[0])).toBe(BigInt(claim['claimableAfter'] ?? ''));
    expect(await claimable(sender, orchestrators[1])).toBe(
      BigInt(claim['claimableByOtherOrchestratorAfter'] ?? ''),
    );
    expect(await chain.senderInfo(lower(sender))).toEqual({
      deposit: 0n,
      withdrawRound: 0n,
      reserve: {
        fundsRemaining: BigInt(claim['reserveAfter'] ?? ''),
        claimedInCurrentRound: BigInt(claim['claimedInCurrentRoundAfter'] ?? ''),
      },
    });
    const [recipient] = orchestrators;
    expect(await chain.claimedReserve(lower(sender), lower(recipient))).toBe(
      BigInt(claim['claimedAfter'] ?? ''),
    );
  });

  it('burns a winner when nothing is left to pay', async () => {
    const name = 'redeemed by a third party, paid to the recipient';
    const winner = await prepare(name, { senderNonce: 40 });
    expect((await chain.redeem(winner, { gasLimit: GAS })).paidWei).toBe(0n);
    expect(await chain.isTicketUsed(ticketHash(winner.ticket))).toBe(true);
  });

  it('follows the rounds: not initialised, one later, two later, unlocked', async () => {
    await devchain.fundSender({ deposit: 1_000n * MILLI_ETHER });
    const expiring = await prepare('two rounds later');
    const nextRound = await prepare('one round later');
    await (await broker.getFunction('unlock')()).wait();
    expect((await chain.senderInfo(lower(devchain.accounts.sender))).withdrawRound).toBe(4n);

    await devchain.mineToNextRound();
    expect(await chain.head()).toMatchObject({ lastInitializedRound: 2n, currentRoundInitialized: false });
    await refused('current round not initialised yet', 'round-not-initialized', nextRound);

    await devchain.initializeRound();
    const head = await chain.head();
    expect(head).toMatchObject({ lastInitializedRound: 3n, currentRoundInitialized: true });
    expect(head.previousRoundBlockHash).toBe(nextRound.ticket.creationRoundBlockHash);
    const { outcome } = vector('one round later');
    const late = await chain.redeem(nextRound, { gasLimit: GAS });
    expect(late.paidWei).toBe(BigInt(outcome.paidWei ?? ''));

    await devchain.mineToNextRound();
    await devchain.initializeRound();
    await refused('two rounds later', 'ticket-expired', expiring);
    await refused('sender unlocked', 'sender-unlocked');
  });
});

describe('a round without initialisation', () => {
  it('has no hash: zeros, as the chain says', async () => {
    await devchain.mineToNextRound();
    await devchain.mineToNextRound();
    await devchain.initializeRound();
    const head = await chain.head();
    expect(head.lastInitializedRound).toBe(6n);
    expect(head.previousRoundBlockHash).toBe(`0x${'00'.repeat(32)}`);
    expect(head.roundBlockHash).not.toBe(head.previousRoundBlockHash);
  });
});

describe('the price', () => {
  it('comes from ETH / USD', async () => {
    const { weiPerUsd, updatedAt } = await chain.weiPerUsd();
    expect(weiPerUsd).toEqual(ratio(10n ** 18n, 2_000n));
    expect(updatedAt).toBe(BigInt((await provider.getBlock('latest'))?.timestamp ?? 0));
  });
  it('comes from USD / ETH, exactly', async () => {
    await devchain.setPrice({ description: 'USD / ETH', decimals: 6, answer: 333n });
    expect((await chain.weiPerUsd()).weiPerUsd).toEqual(ratio(333n * 10n ** 12n));
  });
  it.each([0n, -1n])('is refused at %s', async (answer) => {
    await devchain.setPrice({ description: 'ETH / USD', decimals: 8, answer });
    await expect(chain.weiPerUsd()).rejects.toMatchObject({ code: 'bad-price' });
  });
  it('is refused for another pair', async () => {
    await devchain.setPrice({ description: 'BTC / USD', decimals: 8, answer: 1n });
    await expect(chain.weiPerUsd()).rejects.toMatchObject({ code: 'bad-price' });
  });
  it('is refused when old', async () => {
    await devchain.setPrice({ description: 'ETH / USD', decimals: 8, answer: 1n, updatedAt: 1_700_000_000n });
    await expect(chain.weiPerUsd()).rejects.toMatchObject({ code: 'stale-price' });
  });
  it('needs a feed', async () => {
    await expect(outsider.weiPerUsd()).rejects.toMatchObject({ code: 'no-price-feed' });
  });
});

describe('what can be wrong', () => {
  const controllerOf = (address: string): Chain =>
    ethersChain({ rpcUrl: devchain.rpcUrl, controller: address as Hex });

  it('no node', async () => {
    const dead = ethersChain({ rpcUrl: 'http://127.0.0.1:9', controller: devchain.controller as Hex });
    const error = await dead.head().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChainError);
    expect(error).toMatchObject({ code: 'unreachable', cause: expect.any(Error) });
  });
  it('no contract at the address', async () => {
    await expect(controllerOf(`0x${'12'.repeat(20)}`).head()).rejects.toMatchObject({ code: 'bad-answer' });
  });
  it('another contract at the address', async () => {
    const other = controllerOf(devchain.contracts.livepeerToken);
    await expect(other.ticketValidityPeriod()).rejects.toMatchObject({
      code: 'reverted',
      revert: { code: 'other' },
    });
  });
  it('no key', async () => {
    const reader = controllerOf(devchain.controller);
    const winner = await prepare('zero faceValue');
    await expect(reader.redeem(winner, { gasLimit: GAS })).rejects.toMatchObject({ code: 'no-signer' });
  });
  it('no ETH for gas', async () => {
    await devchain.fundSender({ deposit: MILLI_ETHER });
    const poor = Wallet.createRandom();
    const broke = ethersChain({
      rpcUrl: devchain.rpcUrl,
      controller: devchain.controller as Hex,
      signer: transactionKey(poor.privateKey as Hex),
    });
    const head = await chain.head();
    const winner = await prepare('zero faceValue', {
      creationRound: head.lastInitializedRound,
      creationRoundBlockHash: head.roundBlockHash,
    });
    await expect(broke.redeem(winner, { gasLimit: GAS })).rejects.toMatchObject({ code: 'rejected' });
  });
  it('too little gas: mined and failed', async () => {
    const head = await chain.head();
    const winner = await prepare('always-win winProb 2^256-1, small nonce', {
      creationRound: head.lastInitializedRound,
      creationRoundBlockHash: head.roundBlockHash,
      faceValue: MILLI_ETHER,
    });
    const gas = { gasLimit: 100_000n };
    await expect(chain.redeem(winner, gas)).rejects.toBeInstanceOf(ChainError);
    expect(await chain.isTicketUsed(ticketHash(winner.ticket))).toBe(false);
  });
  it('an aborted call', async () => {
    const reason = new Error('enough');
    await expect(chain.head({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
  it('nothing: the example of the README is paid', async () => {
    const head = await chain.head();
    const winner = await prepare('always-win winProb 2^256-1, small nonce', {
      creationRound: head.lastInitializedRound,
      creationRoundBlockHash: head.roundBlockHash,
      faceValue: 5n,
      senderNonce: 70,
    });
    const [account] = devchain.accounts.orchestrators;
    const keystore = await encryptKeystoreJson(account, 'secret', { scrypt: { N: 2, r: 8, p: 1 } });
    const where = { rpcUrl: devchain.rpcUrl, controller: devchain.controller as Hex };
    expect(await readmeRedeem(where, { keystore, password: 'secret' }, winner)).toBe(5n);
  });
  it('two redemptions at once take two nonces', async () => {
    const head = await chain.head();
    const base = {
      creationRound: head.lastInitializedRound,
      creationRoundBlockHash: head.roundBlockHash,
      faceValue: 1n,
    };
    const name = 'always-win winProb 2^256-1, small nonce';
    const winners = await Promise.all(
      [71, 72, 73].map((senderNonce) => prepare(name, { ...base, senderNonce })),
    );
    const redeemed = await Promise.all(winners.map((winner) => chain.redeem(winner, { gasLimit: GAS })));
    expect(redeemed.map(({ paidWei }) => paidWei)).toEqual([1n, 1n, 1n]);
    expect(new Set(redeemed.map(({ transactionHash }) => transactionHash)).size).toBe(3);
  });
});

it('calls nothing that the ABI of the artifacts lacks', () => {
  // A selector of chain.md for each contract that this adapter calls.
  expect(ABI.TicketBroker.getFunction('redeemWinningTicket')?.selector).toBe('0xec8b3cb6');
  expect(ABI.TicketBroker.getFunction('getSenderInfo')?.selector).toBe('0xe1a589da');
  expect(ABI.TicketBroker.getEvent('WinningTicketTransfer')?.topicHash).toBe(
    '0x8b87351a208c06e3ceee59d80725fd77a23b4129e1b51ca231fc89b40712649c',
  );
  expect(ABI.RoundsManager.getFunction('blockHashForRound')?.selector).toBe('0x3aa4add4');
  expect(ABI.BondingManager.getFunction('getTranscoder')?.selector).toBe('0x5dce9948');
  expect(ABI.ServiceRegistry.getFunction('getServiceURI')?.selector).toBe('0x214c2a4b');
});
