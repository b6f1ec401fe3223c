import { keccak256 } from '#crypto';
import { TicketError, writeAuxData, writeHexField, writeUint256Field } from './aux-data.ts';
import { bytesToHex } from './hex.ts';
import type { Hex, Ticket } from './types.ts';

const NONCE_OFFSET = 132;
const AUX_OFFSET = 168;

/**
 * What is hashed: the packed fields of the ticket, 232 bytes, or 168 without a creation round
 * (payments.md section 2.1).
 *
 * @throws TicketError
 */
export function ticketPreimage(ticket: Ticket): Uint8Array {
  const bytes = new Uint8Array(AUX_OFFSET + 64);
  writeHexField(bytes, 0, 'recipient', ticket.recipient, 20);
  writeHexField(bytes, 20, 'sender', ticket.sender, 20);
  writeUint256Field(bytes, 40, 'faceValue', ticket.faceValue);
  writeUint256Field(bytes, 72, 'winProb', ticket.winProb);
  writeNonce(bytes, ticket.senderNonce);
  writeHexField(bytes, 136, 'recipientRandHash', ticket.recipientRandHash, 32);
  const aux = writeAuxData(bytes, AUX_OFFSET, ticket.creationRound, ticket.creationRoundBlockHash);
  return aux === 0 ? bytes.subarray(0, AUX_OFFSET) : bytes;
}

/**
 * The ticket's id on chain and what its sender signs: keccak-256 of the packed fields (payments.md section 2.1).
 *
 * @throws TicketError
 */
export function ticketHash(ticket: Ticket): Hex {
  return bytesToHex(ticketHashBytes(ticket));
}

/**
 * `ticketHash` as 32 bytes.
 *
 * @throws TicketError
 */
export function ticketHashBytes(ticket: Ticket): Uint8Array {
  return keccak256(ticketPreimage(ticket));
}

/**
 * Hashes of tickets that differ in the nonce only: the template is packed once, a call patches four bytes. The nonce
 * of the template is not used.
 *
 * @throws TicketError, here for the template and in the returned function for a nonce.
 */
export function ticketHasher(template: Omit<Ticket, 'senderNonce'>): (senderNonce: number) => Uint8Array {
  const bytes = ticketPreimage({ ...template, senderNonce: 0 });
  return (senderNonce) => {
    writeNonce(bytes, senderNonce);
    return keccak256(bytes);
  };
}

function writeNonce(target: Uint8Array, nonce: number): void {
  if (!Number.isInteger(nonce) || nonce < 0 || nonce > 0xffffffff) {
    throw new TicketError('senderNonce', 'a whole number between 0 and 2^32 - 1');
  }
  target[NONCE_OFFSET] = nonce >>> 24;
  target[NONCE_OFFSET + 1] = nonce >>> 16;
  target[NONCE_OFFSET + 2] = nonce >>> 8;
  target[NONCE_OFFSET + 3] = nonce;
}
