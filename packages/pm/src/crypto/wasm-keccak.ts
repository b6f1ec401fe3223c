import type { Keccak256 } from './curve.ts';
import { selfTestKeccak } from './self-test.ts';

/**
 * Keccak-256 in WebAssembly, about seven times as fast as JavaScript for a ticket. Each call is complete in itself,
 * so the one hasher is never shared half-way.
 *
 * @throws when WebAssembly is missing; CryptoSelfTestError.
 */
export async function createWasmKeccak(): Promise<Keccak256> {
  const { createKeccak } = await import('hash-wasm');
  const hasher = await createKeccak(256);
  const keccak256: Keccak256 = (bytes) => hasher.init().update(bytes).digest('binary');
  selfTestKeccak(keccak256);
  return keccak256;
}
