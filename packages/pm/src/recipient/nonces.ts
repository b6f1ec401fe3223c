import type { Hex } from '@lp/protocol';

/** Distinct sender nonces taken for one recipientRandHash (payments.md section 2.5). */
export const MAX_NONCES_PER_PARAMS = 600;

/** What became of a nonce. */
export type NonceVerdict = 'recorded' | 'seen' | 'too-many';

/** Remembers which nonces were used under which params: the guard against a ticket that is credited twice. */
export interface NonceStore {
  /**
   * Records `nonce` for `recipientRandHash`, or says why not. A record may be forgotten once no ticket under these
   * params is credited any more, that is when the head has reached `expirationBlock` (L1).
   */
  record(recipientRandHash: Hex, nonce: number, expirationBlock: bigint): NonceVerdict;
}

/**
 * Nonces in memory: right for a recipient whose secret lives as long as its process, because params die with it.
 * `prune(head)` forgets params that expired at or before `head`; never call it with a head above the one that
 * tickets are checked against.
 */
export function memoryNonces(): NonceStore & { prune(l1Block: bigint): void; readonly size: number } {
  const seen = new Map<Hex, { readonly nonces: Set<number>; readonly expirationBlock: bigint }>();
  return {
    record(recipientRandHash, nonce, expirationBlock) {
      let entry = seen.get(recipientRandHash);
      if (entry === undefined) {
        entry = { nonces: new Set(), expirationBlock };
        seen.set(recipientRandHash, entry);
      }
      if (entry.nonces.has(nonce)) return 'seen';
      if (entry.nonces.size >= MAX_NONCES_PER_PARAMS) return 'too-many';
      entry.nonces.add(nonce);
      return 'recorded';
    },
    prune(l1Block) {
      for (const [hash, entry] of seen) if (entry.expirationBlock <= l1Block) seen.delete(hash);
    },
    get size() {
      return seen.size;
    },
  };
}
