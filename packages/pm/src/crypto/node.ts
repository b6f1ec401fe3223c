import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Curve, Keccak256 } from './curve.ts';
import { loadNativeCurve } from './native-curve.ts';
import { nobleCurve } from './noble-curve.ts';
import { selfTestCurve } from './self-test.ts';
import { createWasmKeccak } from './wasm-keccak.ts';

let chosen: { readonly curve: Curve; readonly failure?: unknown } | undefined;

/** The native addon when it loads and passes its self-test, plain JavaScript otherwise. Decided at first use. */
export function curve(): Curve {
  return choose().curve;
}

/** Why the native addon is not in use; `undefined` when it is. */
export function nativeFailure(): unknown {
  return choose().failure;
}

function choose(): { readonly curve: Curve; readonly failure?: unknown } {
  if (chosen === undefined) {
    try {
      const native = loadNativeCurve();
      selfTestCurve(native);
      chosen = { curve: native };
    } catch (failure) {
      chosen = { curve: nobleCurve, failure };
    }
  }
  return chosen;
}

let hash: Keccak256 = keccak_256;
let loading: Promise<'wasm' | 'portable'> | undefined;

/** Keccak-256 of any bytes: 32 new bytes. The first call starts loading WebAssembly; until then JavaScript works. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  if (loading === undefined) void loadKeccak();
  return hash(bytes);
}

/** Resolves when the fast hash is in use, or cannot be; never rejects. */
export function loadKeccak(): Promise<'wasm' | 'portable'> {
  loading ??= createWasmKeccak().then(
    (wasm) => {
      hash = wasm;
      return 'wasm';
    },
    () => 'portable',
  );
  return loading;
}
