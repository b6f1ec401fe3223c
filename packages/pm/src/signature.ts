import { curve } from '#crypto';
import { publicAddressBytes } from './address.ts';
import { bytesToHex, HexError, hexToBytes } from './hex.ts';
import { hashMessage } from './message.ts';
import { ticketHashBytes } from './ticket-hash.ts';
import type { Hex, Ticket } from './types.ts';

/** Why a signature is refused before anyone looks at who made it. */
export type SignatureErrorCode = 'malformed-signature' | 'high-s' | 'bad-v' | 'unrecoverable';

/** The bytes are no strict signature (payments.md section 2.3). Treat the message as unsigned. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureErrorCode;
  constructor(code: SignatureErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Half the group order, rounded down: the highest `s` that is not malleated. */
const HALF_ORDER = hexToBytes('0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');

/**
 * Address that signed `digest` (32 bytes), lower case. Strict: 65 bytes, v 27 or 28, low s.
 *
 * @throws SignatureError
 */
export function recoverAddress(digest: Uint8Array, signature: Uint8Array | Hex): Hex {
  const bytes = typeof signature === 'string' ? signatureBytes(signature) : signature;
  const fault = faultOf(bytes);
  if (fault !== undefined) throw new SignatureError(fault, FAULTS[fault]);
  const address = recoverBytes(digest, bytes);
  if (address === undefined) throw new SignatureError('unrecoverable', FAULTS.unrecoverable);
  return bytesToHex(address);
}

/**
 * Whether `address` (20 bytes) signed the personal message `message`; strict, never throws on a bad signature. For
 * hot paths: nothing is turned into hex.
 */
export function verifySignatureBytes(
  address: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (faultOf(signature) !== undefined) return false;
  const recovered = recoverBytes(hashMessage(message), signature);
  return recovered !== undefined && equalBytes(recovered, address);
}

/**
 * Whether `address` signed the personal message `message` (payments.md section 2.3); strict, false for anything that
 * is no signature.
 *
 * @throws HexError unless `address` is 20 bytes of hex.
 */
export function verifyMessage(address: Hex, message: Uint8Array, signature: Uint8Array | Hex): boolean {
  const claimed = hexToBytes(address, 20);
  if (typeof signature !== 'string') return verifySignatureBytes(claimed, message, signature);
  try {
    return verifySignatureBytes(claimed, message, signatureBytes(signature));
  } catch (error) {
    if (error instanceof SignatureError) return false;
    throw error;
  }
}

/**
 * Whether the ticket's sender signed it. Strict: 65 bytes, v 27 or 28, low s, and the recovered address is the sender
 * (payments.md section 2.3). False for anything that is no signature.
 *
 * @throws TicketError when the ticket itself cannot be hashed.
 */
export function verifyTicketSignature(ticket: Ticket, signature: Uint8Array | Hex): boolean {
  return verifyMessage(ticket.sender, ticketHashBytes(ticket), signature);
}

const FAULTS: Record<SignatureErrorCode, string> = {
  'malformed-signature': 'a signature is 65 bytes',
  'high-s': 'the s value of the signature is above half the group order',
  'bad-v': 'the v value of the signature is not 27 or 28',
  unrecoverable: 'no public key belongs to this signature',
};

function signatureBytes(hex: Hex): Uint8Array {
  try {
    return hexToBytes(hex, 65);
  } catch (error) {
    if (error instanceof HexError) {
      throw new SignatureError('malformed-signature', FAULTS['malformed-signature']);
    }
    throw error;
  }
}

function faultOf(signature: Uint8Array): SignatureErrorCode | undefined {
  if (signature.length !== 65) return 'malformed-signature';
  const v = signature[64];
  if (v !== 27 && v !== 28) return 'bad-v';
  for (let index = 0; index < 32; index++) {
    const difference = (signature[32 + index] ?? 0) - (HALF_ORDER[index] ?? 0);
    if (difference !== 0) return difference > 0 ? 'high-s' : undefined;
  }
  return undefined;
}

function recoverBytes(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const publicKey = curve().recover(digest, signature.subarray(0, 64), signature[64] === 28 ? 1 : 0);
  return publicKey === undefined ? undefined : publicAddressBytes(publicKey);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
