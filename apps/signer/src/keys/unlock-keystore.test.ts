import { expect, test } from 'vitest';
import { unlockKeystore } from './unlock-keystore.ts';

const ADDRESS = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
/** Private key 1 under the password `secret`, with geth's standard parameters (made by ethers). */
const KEYSTORE =
  '{"address":"7e5f4552091a69125d5dfcb7b8c2659029395bdf","id":"03030303-0303-4303-8303-030303030303","version":3,"Crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"02020202020202020202020202020202"},"ciphertext":"cd8ab2fe353d26bafdeb543e561b2358291631e2142138b580aaddbe2933c0b8","kdf":"scrypt","kdfparams":{"salt":"0101010101010101010101010101010101010101010101010101010101010101","n":262144,"dklen":32,"p":1,"r":8},"mac":"3d69edd91fbeb936a075586873a0ec376560e6085c865970daa8a74ff729dc30"}}';

test("opens a keystore with geth's own parameters while the event loop runs on", async () => {
  let turns = 0;
  const counter = setInterval(() => turns++, 1);
  const signer = await unlockKeystore(KEYSTORE, 'secret');
  clearInterval(counter);
  expect(signer.address).toBe(ADDRESS);
  expect(turns).toBeGreaterThan(5);
});

test('says what is wrong without the password or the file', async () => {
  await expect(unlockKeystore(KEYSTORE, 'hunter2')).rejects.toThrow(
    expect.objectContaining({
      code: 'wrong-password',
      exitCode: 2,
      message: expect.not.stringContaining('hunter2'),
    }),
  );
  await expect(unlockKeystore('{"version":3}', 'secret')).rejects.toThrow(
    expect.objectContaining({ code: 'malformed-keystore', exitCode: 2 }),
  );
});
