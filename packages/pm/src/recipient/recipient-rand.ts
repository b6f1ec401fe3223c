import type { Ratio } from '@lp/pricing';
import type { Hex, TicketExpirationParams } from '@lp/protocol';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { auxData, hexToBytes, keccak256 } from '../index.ts';
import { concatBytes, minimalBytes } from './big-endian.ts';

/** What recipientRand commits to; all of it comes back in the payment (payments.md section 2.4). */
export interface RandCommitment {
  readonly seed: bigint;
  readonly sender: Hex;
  /** Wei. */
  readonly faceValue: bigint;
  readonly winProb: bigint;
  /** L1 block. */
  readonly expirationBlock: bigint;
  /** Wei per unit in lowest terms. */
  readonly price: Ratio;
  readonly expirationParams: TicketExpirationParams;
}

/** The secret number behind a set of ticket params. */
export interface RecipientRand {
  /** The number as 32 big-endian bytes. */
  readonly bytes: Uint8Array;
  /** keccak-256 of `bytes`: what params and tickets name. */
  readonly hash: Uint8Array;
}

/**
 * Computes recipientRand under one 32-byte secret (payments.md section 2.4). The key schedule is done once, so that a
 * payment costs the hashing of its message only.
 */
export function recipientRandSource(secret: Uint8Array): (commitment: RandCommitment) => RecipientRand {
  const keyed = hmac.create(sha256, secret);
  return (commitment) => {
    const message = randMessage(commitment);
    const bytes = keyed.clone().update(message).digest();
    return { bytes, hash: keccak256(bytes) };
  };
}

/** The HMAC's message: minimal integers without separators; only sender and aux data have a fixed width. @throws TicketError */
export function randMessage(commitment: RandCommitment): Uint8Array {
  const { creationRound, creationRoundBlockHash } = commitment.expirationParams;
  return concatBytes([
    minimalBytes(commitment.seed),
    hexToBytes(commitment.sender, 20),
    minimalBytes(commitment.faceValue),
    minimalBytes(commitment.winProb),
    minimalBytes(commitment.expirationBlock),
    minimalBytes(commitment.price.n),
    minimalBytes(commitment.price.d),
    auxData(creationRound, creationRoundBlockHash),
  ]);
}
