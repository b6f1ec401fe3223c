import { type Devchain, startDevchain } from '@lp/devchain';
import { JsonRpcProvider } from 'ethers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ethersChain, type SenderAccount, senderAccount, transactionKey } from '../src/chain/index.ts';
import type { Hex } from '../src/types.ts';

const ETHER = 10n ** 18n;
let devchain: Devchain;
let provider: JsonRpcProvider;
let account: SenderAccount;
beforeAll(async () => {
  devchain = await startDevchain();
  provider = new JsonRpcProvider(devchain.rpcUrl, undefined, { cacheTimeout: -1, staticNetwork: true });
  account = senderAccount({
    provider,
    controller: devchain.controller as Hex,
    signer: transactionKey(devchain.accounts.outsider.privateKey as Hex),
  });
});
afterAll(async () => {
  provider.destroy();
  await devchain.close();
});

const info = () =>
  ethersChain({ provider, controller: devchain.controller as Hex }).senderInfo(account.address);
const nextRound = async () => {
  await devchain.mineToNextRound();
  await devchain.initializeRound();
};

it('goes the whole way of the money: in, unlock, cancel, unlock, out', async () => {
  const before = await account.balance();
  await expect(account.prepare({ kind: 'unlock' })).rejects.toMatchObject({
    revert: { code: 'sender-empty' },
  });

  const fund = { kind: 'fund', deposit: ETHER, reserve: 2n * ETHER } as const;
  const prepared = await account.prepare(fund);
  expect(prepared.value).toBe(3n * ETHER);
  expect(prepared.costWei).toBe(prepared.gas); // gas costs 1 wei here
  expect(await info()).toMatchObject({ deposit: 0n }); // nothing was sent
  const receipt = await account.send(prepared);
  expect(receipt.gasUsed).toBeLessThanOrEqual(prepared.gasLimit);
  expect(await info()).toMatchObject({ deposit: ETHER, reserve: { fundsRemaining: 2n * ETHER } });

  const { unlockPeriod, current } = await account.rounds();
  await account.send(await account.prepare({ kind: 'unlock' }));
  expect((await info()).withdrawRound).toBe(current + unlockPeriod);
  await expect(account.prepare({ kind: 'unlock' })).rejects.toMatchObject({
    revert: { code: 'unlock-already' },
  });
  await expect(account.prepare({ kind: 'withdraw' })).rejects.toMatchObject({
    revert: { code: 'still-locked' },
  });
  await account.send(await account.prepare({ kind: 'cancel-unlock' }));
  expect((await info()).withdrawRound).toBe(0n);
  await expect(account.prepare({ kind: 'withdraw' })).rejects.toMatchObject({
    revert: { code: 'no-unlock' },
  });

  await account.send(await account.prepare({ kind: 'unlock' }));
  for (let round = 0n; round < unlockPeriod; round++) await nextRound();
  await account.send(await account.prepare({ kind: 'withdraw' }));
  expect(await info()).toMatchObject({ deposit: 0n, reserve: { fundsRemaining: 0n } });
  expect(before - (await account.balance())).toBeLessThan(10n ** 9n); // gas only
});

it('waits for confirmations', async () => {
  const prepared = await account.prepare({ kind: 'fund', deposit: 1n, reserve: 0n });
  let sleeps = 0;
  const patient = senderAccount({
    provider,
    controller: devchain.controller as Hex,
    signer: transactionKey(devchain.accounts.outsider.privateKey as Hex),
    clock: {
      monotonicNs: () => 0n,
      async sleep() {
        sleeps++;
        await devchain.mine(1);
      },
    },
  });
  const start = await devchain.blockNumber();
  await patient.send(prepared, { confirmations: 4 });
  expect(await devchain.blockNumber()).toBeGreaterThanOrEqual(start + 4n);
  expect(sleeps).toBeGreaterThanOrEqual(3);
});

it('more than the account has is refused before anything is sent', async () => {
  await expect(account.prepare({ kind: 'fund', deposit: 10n ** 24n, reserve: 0n })).rejects.toMatchObject({
    name: 'ChainError',
  });
});
