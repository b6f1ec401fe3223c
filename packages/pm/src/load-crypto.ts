import { curve, loadKeccak } from '#crypto';

/** What signs and hashes in this process. */
export interface CryptoInUse {
  /** `native`: libsecp256k1, after its self-test. `portable`: plain JavaScript. */
  readonly signer: 'native' | 'portable';
  /** `wasm`: WebAssembly, after its self-test. `portable`: plain JavaScript. */
  readonly keccak: 'wasm' | 'portable';
}

let loading: Promise<CryptoInUse> | undefined;

/**
 * Loads and self-tests the fastest crypto there is; falls back to plain JavaScript, which gives the same bytes. A
 * service calls it at start so that no request pays for it; calling it is never required. Never rejects.
 */
export function loadCrypto(): Promise<CryptoInUse> {
  loading ??= loadKeccak().then((keccak) => ({ signer: curve().kind, keccak }));
  return loading;
}
