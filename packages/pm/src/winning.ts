import { keccak256 } from '#crypto';
import { hexToBytes } from './hex.ts';
import type { Hex, Ticket } from './types.ts';
import { bytesToUint, uint256Bytes } from './uint256.ts';

/** The lottery draw: keccak-256 of signature and recipientRand (32 bytes), to be read as a number. 32 bytes. */
export function drawBytes(signature: Uint8Array, recipientRand: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(signature.length + recipientRand.length);
  bytes.set(signature);
  bytes.set(recipientRand, signature.length);
  return keccak256(bytes);
}

/** The draw as a number, 0 to 2^256 - 1 (payments.md section 2.2). */
export function ticketDraw(signature: Uint8Array | Hex, recipientRand: bigint): bigint {
  const bytes = typeof signature === 'string' ? hexToBytes(signature) : signature;
  return bytesToUint(drawBytes(bytes, uint256Bytes(recipientRand)));
}

/** Whether a draw wins: strictly below the win probability, both 32 big-endian bytes. */
export function isWinningDraw(draw: Uint8Array, winProb: Uint8Array): boolean {
  for (let index = 0; index < 32; index++) {
    const difference = (draw[index] ?? 0) - (winProb[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * Whether the ticket wins: draw < winProb, strictly; a win probability of 0 never wins (payments.md section 2.2).
 * The signature is not verified here.
 *
 * @throws HexError when the signature is not hex; RangeError when `recipientRand` does not fit 32 bytes.
 */
export function isWinningTicket(ticket: Ticket, signature: Uint8Array | Hex, recipientRand: bigint): boolean {
  return ticketDraw(signature, recipientRand) < ticket.winProb;
}
