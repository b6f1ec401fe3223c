import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeIfInstalled } from '../test/native-addon.ts';

const KEY = `0x${'11'.repeat(32)}` as const;

describe('@lp/pm/native', () => {
  beforeEach(() => {
    vi.resetModules();
    vi.doUnmock('./crypto/native-curve.ts');
  });

  it.skipIf(nativeIfInstalled() === undefined)('is loaded where the addon is installed', async () => {
    const { isNativeLoaded, nativePrivateKeySigner, requireNative } = await import('./native.ts');
    const { loadCrypto } = await import('./load-crypto.ts');
    expect(isNativeLoaded()).toBe(true);
    expect(requireNative).not.toThrow();
    expect(nativePrivateKeySigner(KEY).address).toBe('0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a');
    expect(await loadCrypto()).toEqual({ signer: 'native', keccak: 'wasm' });
  });

  it('throws with the reason where the addon does not load, while the portable signer works', async () => {
    const failure = new Error('no addon for this platform');
    vi.doMock('./crypto/native-curve.ts', () => ({
      loadNativeCurve() {
        throw failure;
      },
    }));
    const { isNativeLoaded, NativeUnavailableError, nativePrivateKeySigner, requireNative } = await import(
      './native.ts'
    );
    const { privateKeySigner } = await import('./private-key-signer.ts');
    expect(isNativeLoaded()).toBe(false);
    expect(requireNative).toThrow(expect.objectContaining({ code: 'native-unavailable', cause: failure }));
    expect(() => nativePrivateKeySigner(KEY)).toThrow(NativeUnavailableError);
    const [signature] = await privateKeySigner(KEY).signMessages([new Uint8Array(32)]);
    expect(signature).toHaveLength(65);
  });
});
