export { keccak256 } from '#crypto';
// Addresses, hashes, hex
export { checksumAddress, publicAddress, publicAddressBytes } from './address.ts';
// Tickets
// Byte level, for code that handles many tickets
export { auxData, auxDataBytes, TicketError } from './aux-data.ts';
export { evQuanta, MAX_WIN_PROB, ticketEv, winProbRatio } from './expected-value.ts';
export { bytesToHex, HexError, hexToBytes } from './hex.ts';
export type { SegmentContent } from './identity-messages.ts';
export { EMPTY_HASH, loginMessage, segmentMessage } from './identity-messages.ts';
export type { CryptoInUse } from './load-crypto.ts';
export { loadCrypto } from './load-crypto.ts';
export { hashMessage } from './message.ts';
export { PrivateKeyError, privateKeySigner } from './private-key-signer.ts';
export { SignerAnswerError, signTicket, signTickets } from './sign-tickets.ts';
// Signatures
export type { SignatureErrorCode } from './signature.ts';
export {
  recoverAddress,
  SignatureError,
  verifyMessage,
  verifySignatureBytes,
  verifyTicketSignature,
} from './signature.ts';
export { ticketHash, ticketHashBytes, ticketHasher, ticketPreimage } from './ticket-hash.ts';
export type * from './types.ts';
export { bytesToUint, uint256Bytes } from './uint256.ts';
export { drawBytes, isWinningDraw, isWinningTicket, ticketDraw } from './winning.ts';
