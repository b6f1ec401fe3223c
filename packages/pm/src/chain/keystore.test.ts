import { computeAddress, encryptKeystoreJson } from 'ethers';
import { expect, it } from 'vitest';
import { KeystoreError, readKeystore } from './index.ts';

const PRIVATE_KEY = `0x${'4b'.repeat(32)}`;
const PASSWORD = 'pass word ü';
/** As geth writes it, with cheaper scrypt. */
const keystore = await encryptKeystoreJson(
  { address: computeAddress(PRIVATE_KEY), privateKey: PRIVATE_KEY },
  PASSWORD,
  {
    scrypt: { N: 2, r: 8, p: 1 },
  },
);

const failure = async (json: string, password: string): Promise<KeystoreError> => {
  const error: unknown = await readKeystore(json, password).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KeystoreError);
  return error as KeystoreError;
};

it('opens a keystore', async () => {
  expect(await readKeystore(keystore, PASSWORD)).toBe(PRIVATE_KEY);
});

it('tells a wrong password from a wrong file, and neither password nor content', async () => {
  const wrong = await failure(keystore, 'guess-me');
  expect(wrong.code).toBe('wrong-password');
  expect(`${wrong.message} ${String(wrong.cause)}`).not.toContain('guess-me');
  for (const json of ['', '{}', 'null', '[1]', '{"version":3}', keystore.slice(0, -9), ' '.repeat(20_000)])
    expect((await failure(json, PASSWORD)).code, json.slice(0, 30)).toBe('malformed-keystore');
});

it('refuses a keystore whose parts are cut', async () => {
  // ethers writes capital letters, geth small ones.
  const file = JSON.parse(keystore) as Record<string, { kdfparams: Record<string, unknown>; mac: string }>;
  const crypto = file['Crypto'] ?? file['crypto'];
  if (crypto === undefined) throw new Error('no crypto section');
  const without = { ...file, Crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, n: 3 } } };
  expect((await failure(JSON.stringify(without), PASSWORD)).code).toBe('malformed-keystore');
});
