/** Randomness as a port. The real one is a CSPRNG; a test seeds its own. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}
