import type { Hex } from '@lp/protocol';

export type { Hex };

/** A lottery ticket as both sides hash it (payments.md section 2.1). */
export interface Ticket {
  readonly recipient: Hex;
  readonly sender: Hex;
  /** Wei. */
  readonly faceValue: bigint;
  /** Out of 2^256 - 1. */
  readonly winProb: bigint;
  /** uint32. */
  readonly senderNonce: number;
  readonly recipientRandHash: Hex;
  readonly creationRound: bigint;
  readonly creationRoundBlockHash: Hex;
}

/** Signs EIP-191 personal messages in batches; the key stays behind it. */
export interface MessageSigner {
  /** Lower-case address of the key. */
  readonly address: Hex;
  /** One 65-byte signature (r, s, v 27/28, low s) for each message, in order. */
  signMessages(messages: readonly Uint8Array[], options?: { signal?: AbortSignal }): Promise<Uint8Array[]>;
}
