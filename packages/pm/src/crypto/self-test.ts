import { bytesToHex, hexToBytes } from '../hex.ts';
import type { Curve, Keccak256 } from './curve.ts';

// A published test key and what independent implementations make of it (test/vectors/pm-derived.json).
const KEY = `0x${'11'.repeat(32)}` as const;
const DIGEST = '0x0d8b6833dd32a53ba874b2688a402d23a0d311f6b4b920dc89ac19dcedf2a194';
const SIGNATURE =
  '0x67dcd88794486f55a62ef31116b5bb975d400a27a71ca656b23c2d0358db79794b905461cb9a27ba7e47dab708cbbe5ee6820e2c459e749be57cd6989f9665631b';
const PUBLIC_KEY =
  '0x044f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa385b6b1b8ead809ca67454d9683fcf2ba03456d6fe2c4abe2b07f0fbdbb2f1c1';

/** One block, and more than one block, of the sponge. */
const HASHES = [
  [0, '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
  [232, '0x0b7c9becb801cca2dc4a6de0a93d6ff4bf46f6146aca9843bb34663ef6fc6576'],
] as const;

/** A crypto implementation gave a wrong answer to a known question. It must not be used. */
export class CryptoSelfTestError extends Error {
  override readonly name = 'CryptoSelfTestError';
  readonly code = 'crypto-self-test';
  constructor(what: string) {
    super(`the crypto self-test failed: ${what}; reinstall the package, or run without the native addon`);
  }
}

/**
 * Known answers for signing, recovery and key derivation.
 *
 * @throws CryptoSelfTestError
 */
export function selfTestCurve(curve: Curve): void {
  const digest = hexToBytes(DIGEST);
  const key = hexToBytes(KEY);
  const signature = curve.sign(digest, key);
  if (bytesToHex(signature) !== SIGNATURE) throw new CryptoSelfTestError('wrong signature');
  if (bytesToHex(curve.publicKey(key)) !== PUBLIC_KEY) throw new CryptoSelfTestError('wrong public key');
  const recovered = curve.recover(digest, signature.subarray(0, 64), 0);
  if (recovered === undefined || bytesToHex(recovered) !== PUBLIC_KEY) {
    throw new CryptoSelfTestError('wrong recovered key');
  }
}

/**
 * Known answers for Keccak-256.
 *
 * @throws CryptoSelfTestError
 */
export function selfTestKeccak(keccak256: Keccak256): void {
  for (const [length, hash] of HASHES) {
    const input = Uint8Array.from({ length }, (_, index) => index);
    if (bytesToHex(keccak256(input)) !== hash) throw new CryptoSelfTestError('wrong keccak-256');
  }
}
