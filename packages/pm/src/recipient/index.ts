/**
 * The recipient's side of ticket payments as pure functions: terms, tokens, header checks, validation, draw, reserve
 * arithmetic and redemption rules. No clock, network or storage of its own.
 *
 * @module
 */

// Session tokens
export {
  AUTH_TOKEN_SECONDS,
  type AuthTokenIssuer,
  type AuthTokenVerdict,
  authTokenIssuer,
} from './auth-token.ts';
// Header checks
export {
  type CheckedHeaders,
  type HeaderChecks,
  HeaderRefusal,
  type HeaderRefusalCode,
  inspectPayment,
} from './headers.ts';
// Nonces
export {
  MAX_NONCES_PER_PARAMS,
  type MemoryNonces,
  memoryNonces,
  type NonceStore,
  type NonceVerdict,
} from './nonces.ts';
// Tickets
export { type ReceivedTickets, type RecipientView, receiveTickets, type WinningTicket } from './receive.ts';
export {
  type RandCommitment,
  type RecipientRand,
  randMessage,
  recipientRandSource,
} from './recipient-rand.ts';
// Redemption
export {
  isActiveIn,
  moneyDecision,
  type QueuedWinner,
  type RedemptionDecision,
  type RedemptionEnd,
  type RedemptionWait,
  timeDecision,
} from './redemption-rules.ts';
// Reserve
export { availableFunds, isUnlockingSoon, maxFloat, type ReserveView, reserveShare } from './reserve.ts';
// Ticket params
export {
  expirationParamsOf,
  makeTicketParams,
  PARAMS_LIFETIME_BLOCKS,
  type TicketTerms,
} from './ticket-params.ts';
export { type TicketRefusal, type TicketRefusalCode } from './ticket-refusal.ts';
export {
  AVERAGE_GAS_PRICE_WEI,
  DEFAULT_TICKET_POLICY,
  faceValueFor,
  type InsufficientReserveCode,
  InsufficientReserveError,
  redemptionCost,
  type TicketPolicy,
  winProbFor,
} from './ticket-value.ts';
