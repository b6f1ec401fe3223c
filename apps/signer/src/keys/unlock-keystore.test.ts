import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { keccak256 } from '@lp/pm';
import { expect, test } from 'vitest';
import { unlockKeystore } from './unlock-keystore.ts';

const ADDRESS = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
/** Private key 1 under the password `secret`, with geth's standard parameters (made by ethers). */
const KEYSTORE =
  '{"address":"7e5f4552091a69125d5dfcb7b8c2659029395bdf","id":"03030303-0303-4303-8303-030303030303","version":3,"Crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"02020202020202020202020202020202"},"ciphertext":"cd8ab2fe353d26bafdeb543e561b2358291631e2142138b580aaddbe2933c0b8","kdf":"scrypt","kdfparams":{"salt":"0101010101010101010101010101010101010101010101010101010101010101","n":262144,"dklen":32,"p":1,"r":8},"mac":"3d69edd91fbeb936a075586873a0ec376560e6085c865970daa8a74ff729dc30"}}';

/** The same key and password as geth takes them from other wallets; some 0.3 seconds of derivation. */
function pbkdf2Keystore(change: Readonly<Record<string, unknown>> = {}): string {
  const kdfparams = { c: 1_000_000, dklen: 32, prf: 'hmac-sha256', salt: '01'.repeat(32), ...change };
  const key = pbkdf2Sync('secret', Buffer.alloc(32, 1), 1_000_000, 32, 'sha256');
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), Buffer.alloc(16, 2));
  const ciphertext = cipher.update(Buffer.from('1'.padStart(64, '0'), 'hex'));
  return JSON.stringify({
    address: ADDRESS.slice(2),
    version: 3,
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '02'.repeat(16) },
      ciphertext: ciphertext.toString('hex'),
      kdf: 'pbkdf2',
      kdfparams,
      mac: Buffer.from(keccak256(Buffer.concat([key.subarray(16), ciphertext]))).toString('hex'),
    },
  });
}

test.each([
  ["scrypt and geth's own parameters", KEYSTORE],
  ['PBKDF2', pbkdf2Keystore()],
])('opens a keystore with %s while the event loop runs on', async (_kdf, keystore) => {
  let turns = 0;
  const counter = setInterval(() => turns++, 1);
  const signer = await unlockKeystore(keystore, 'secret');
  clearInterval(counter);
  expect(signer.address).toBe(ADDRESS);
  expect(turns).toBeGreaterThan(5);
});

test('two at once open the same keystore', async () => {
  const keystore = pbkdf2Keystore();
  const both = await Promise.all([1, 2].map(() => unlockKeystore(keystore, 'secret')));
  expect(both.map(({ address }) => address)).toEqual([ADDRESS, ADDRESS]);
});

test('says what is wrong without the password or the file', async () => {
  await expect(unlockKeystore(KEYSTORE, 'hunter2')).rejects.toThrow(
    expect.objectContaining({
      code: 'wrong-password',
      exitCode: 2,
      message: expect.not.stringContaining('hunter2'),
    }),
  );
  await expect(unlockKeystore(pbkdf2Keystore(), 'hunter2')).rejects.toMatchObject({ code: 'wrong-password' });
  for (const change of [{ c: 0 }, { c: 2 ** 40 }, { prf: 'hmac-md5' }]) {
    await expect(unlockKeystore(pbkdf2Keystore(change), 'secret')).rejects.toMatchObject({
      code: 'malformed-keystore',
      exitCode: 2,
    });
  }
  await expect(unlockKeystore('{"version":3}', 'secret')).rejects.toThrow(
    expect.objectContaining({ code: 'malformed-keystore', exitCode: 2 }),
  );
});
