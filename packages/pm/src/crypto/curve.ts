/** ECDSA on secp256k1 over 32-byte digests. Implementations give identical bytes. */
export interface Curve {
  readonly kind: 'native' | 'portable';
  /**
   * RFC 6979 signature with low s: 65 bytes `r, s, v`, v 27 or 28.
   *
   * @throws when the key is not 1 to n - 1.
   */
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /** Uncompressed public key (65 bytes) behind 64 bytes `r, s`; `undefined` when there is none. */
  recover(digest: Uint8Array, compactSignature: Uint8Array, recoveryId: 0 | 1): Uint8Array | undefined;
  /**
   * Uncompressed public key, 65 bytes.
   *
   * @throws when the key is not 1 to n - 1.
   */
  publicKey(privateKey: Uint8Array): Uint8Array;
}

/** Keccak-256 of any bytes: 32 new bytes. */
export type Keccak256 = (bytes: Uint8Array) => Uint8Array;
