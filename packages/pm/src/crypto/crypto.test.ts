import { keccak_256 } from '@noble/hashes/sha3.js';
import { keccak256 as ethersKeccak } from 'ethers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeIfInstalled } from '../../test/native-addon.ts';
import { anyKey } from '../../test/vector-tickets.ts';
import { bytesToHex, hexToBytes } from '../hex.ts';
import { nobleCurve } from './noble-curve.ts';
import * as portable from './portable.ts';
import { CryptoSelfTestError, selfTestCurve, selfTestKeccak } from './self-test.ts';
import { createWasmKeccak } from './wasm-keccak.ts';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });

const installed = nativeIfInstalled();

describe.skipIf(installed === undefined)('native and portable', () => {
  const native = installed ?? nobleCurve;

  it('give identical keys, signatures and recovered keys', () => {
    fc.assert(
      fc.property(
        anyKey.map((key) => hexToBytes(key)),
        digest,
        (key, hash) => {
          const signature = native.sign(hash, key);
          const compact = signature.subarray(0, 64);
          expect(nobleCurve.sign(hash, key)).toEqual(signature);
          expect(nobleCurve.publicKey(key)).toEqual(native.publicKey(key));
          for (const recoveryId of [0, 1] as const) {
            expect(nobleCurve.recover(hash, compact, recoveryId)).toEqual(
              native.recover(hash, compact, recoveryId),
            );
          }
          const recoveryId = signature[64] === 28 ? 1 : 0;
          expect(native.recover(hash, compact, recoveryId)).toEqual(native.publicKey(key));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('recover the same key, or none, from any bytes', () => {
    const compact = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(digest, compact, fc.constantFrom(0 as const, 1 as const), (hash, bytes, recoveryId) => {
        expect(nobleCurve.recover(hash, bytes, recoveryId)).toEqual(native.recover(hash, bytes, recoveryId));
      }),
      { numRuns: 100 },
    );
  });

  it('refuse the same private keys', () => {
    for (const key of [new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      expect(() => native.publicKey(key)).toThrow();
      expect(() => nobleCurve.publicKey(key)).toThrow();
    }
  });

  it('pass the self-test', () => {
    expect(() => selfTestCurve(native)).not.toThrow();
    expect(() => selfTestCurve(nobleCurve)).not.toThrow();
  });
});

describe('keccak-256', () => {
  it('is the same in WebAssembly, in JavaScript and in ethers', async () => {
    const wasm = await createWasmKeccak();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600, size: 'max' }), (bytes) => {
        const expected = ethersKeccak(bytes);
        expect(bytesToHex(wasm(bytes))).toBe(expected);
        expect(bytesToHex(portable.keccak256(bytes))).toBe(expected);
      }),
    );
  });

  it('gives bytes that a later call leaves alone', async () => {
    const wasm = await createWasmKeccak();
    const first = wasm(Uint8Array.of(1));
    const copy = Uint8Array.from(first);
    wasm(Uint8Array.of(2));
    expect(first).toEqual(copy);
  });
});

describe('the self-test', () => {
  it.each([
    ['signature', { ...nobleCurve, sign: () => new Uint8Array(65) }],
    ['public key', { ...nobleCurve, publicKey: () => new Uint8Array(65) }],
    ['recovered key', { ...nobleCurve, recover: () => undefined }],
  ])('notices a wrong %s', (what, curve) => {
    expect(() => selfTestCurve(curve)).toThrow(CryptoSelfTestError);
    expect(() => selfTestCurve(curve)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(what) }),
    );
  });

  it('notices a hash that is wrong beyond one block', () => {
    const wrong = (bytes: Uint8Array) => (bytes.length > 136 ? new Uint8Array(32) : keccak_256(bytes));
    expect(() => selfTestKeccak(wrong)).toThrow(CryptoSelfTestError);
  });
});

describe('crypto on Node', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.doUnmock('./native-curve.ts');
    vi.doUnmock('./wasm-keccak.ts');
  });

  it.skipIf(installed === undefined)('is native and WebAssembly here', async () => {
    const node = await import('./node.ts');
    expect(node.curve().kind).toBe('native');
    expect(node.nativeFailure()).toBeUndefined();
    expect(await node.loadKeccak()).toBe('wasm');
  });

  it('falls back when the addon does not load, and says why', async () => {
    const failure = new Error('no addon for this platform');
    vi.doMock('./native-curve.ts', () => ({
      loadNativeCurve() {
        throw failure;
      },
    }));
    const node = await import('./node.ts');
    expect(node.curve().kind).toBe('portable');
    expect(node.nativeFailure()).toBe(failure);
  });

  it('falls back when the addon answers wrongly', async () => {
    vi.doMock('./native-curve.ts', () => ({
      loadNativeCurve: () => ({ ...nobleCurve, kind: 'native', sign: () => new Uint8Array(65) }),
    }));
    const node = await import('./node.ts');
    expect(node.curve().kind).toBe('portable');
    expect(node.nativeFailure()).toMatchObject({ code: 'crypto-self-test' });
  });

  it('hashes before, without and after WebAssembly', async () => {
    vi.doMock('./wasm-keccak.ts', () => ({
      createWasmKeccak: () => Promise.reject(new Error('no WebAssembly')),
    }));
    const without = await import('./node.ts');
    const input = Uint8Array.of(1, 2, 3);
    expect(without.keccak256(input)).toEqual(keccak_256(input));
    expect(await without.loadKeccak()).toBe('portable');
    expect(without.keccak256(input)).toEqual(keccak_256(input));
  });
});

describe('crypto elsewhere', () => {
  it('is portable and has nothing to load', async () => {
    expect(portable.curve()).toBe(nobleCurve);
    expect(await portable.loadKeccak()).toBe('portable');
    expect(portable.nativeFailure()).toBeInstanceOf(Error);
  });
});
