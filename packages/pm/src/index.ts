/**
 * Livepeer's probabilistic payments: tickets, their value, signatures and draw. No network, no file, no clock.
 * Addresses, hashes and signatures are `0x` hex unless a name or a type says bytes.
 *
 * @module
 */

// Tickets

export { auxData, TicketError } from './aux-data.ts';
export { evQuanta, MAX_WIN_PROB, ticketEv, winProbRatio } from './expected-value.ts';
export { SignerAnswerError, signTicket, signTickets } from './sign-tickets.ts';
export { ticketHash, ticketHashBytes, ticketHasher, ticketPreimage } from './ticket-hash.ts';
export type * from './types.ts';
export { drawBytes, isWinningDraw, isWinningTicket, ticketDraw } from './winning.ts';

// Messages and signatures

export {
  EMPTY_HASH,
  loginMessage,
  type SegmentContent,
  segmentMessage,
  segmentPreimage,
} from './identity-messages.ts';
export { hashMessage } from './message.ts';
export { PrivateKeyError, privateKeySigner } from './private-key-signer.ts';
export {
  recoverAddress,
  SignatureError,
  type SignatureErrorCode,
  verifyMessage,
  verifySignatureBytes,
  verifyTicketSignature,
} from './signature.ts';

// Addresses, hashes, bytes

export { keccak256 } from '#crypto';
export { checksumAddress, publicAddress, publicAddressBytes } from './address.ts';
export { bytesToHex, HexError, hexToBytes } from './hex.ts';
export { type CryptoInUse, loadCrypto } from './load-crypto.ts';
export { bytesToUint, uint256Bytes } from './uint256.ts';
