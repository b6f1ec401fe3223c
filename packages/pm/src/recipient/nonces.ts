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

/** Nonces in memory. */
export interface MemoryNonces extends NonceStore {
  /** Takes a record back: what came with it could not be stored. */
  forget(recipientRandHash: Hex, nonce: number): void;
  /** Forgets params that expired at or before `l1Block`, which must not be above what tickets are checked against. */
  prune(l1Block: bigint): void;
  /** Number of params that nonces are remembered for. */
  readonly size: number;
}

/** A nonce store for a recipient whose secret lives as long as its process: params die with it, and so may nonces. */
export function memoryNonces(): MemoryNonces {
  // By expiration block, so that forgetting costs nothing however many params live: a hash commits to its block.
  const blocks = new Map<bigint, Map<Hex, Set<number>>>();
  return {
    record(recipientRandHash, nonce, expirationBlock) {
      let params = blocks.get(expirationBlock);
      if (params === undefined) blocks.set(expirationBlock, (params = new Map()));
      let nonces = params.get(recipientRandHash);
      if (nonces === undefined) params.set(recipientRandHash, (nonces = new Set()));
      if (nonces.has(nonce)) return 'seen';
      if (nonces.size >= MAX_NONCES_PER_PARAMS) return 'too-many';
      nonces.add(nonce);
      return 'recorded';
    },
    forget(recipientRandHash, nonce) {
      for (const params of blocks.values()) params.get(recipientRandHash)?.delete(nonce);
    },
    prune(l1Block) {
      for (const block of blocks.keys()) if (block <= l1Block) blocks.delete(block);
    },
    get size() {
      let size = 0;
      for (const params of blocks.values()) size += params.size;
      return size;
    },
  };
}
