export {
  answerPayment,
  encodeAnswer,
  type PaymentAnswer,
  type PaymentSignatures,
  type SenderContext,
  type SignablePayment,
  signPayment,
} from './answer.ts';
export { balanceAfter, ticketsNeeded } from './balance.ts';
export { checkCeilings, type MaxPrice, type PriceCeiling, parseMaxPrice } from './ceilings.ts';
export { type Offer, readOffer } from './offer.ts';
export { type LivePaymentRequest, type OpenedPayment, openPayment } from './open.ts';
export { MAX_TICKETS, type PaymentPlan, type PlanContext, planPayment } from './plan.ts';
export { type RefusalCode, type RefusalStatus, SignerRefusal } from './refusal.ts';
export { REFRESH_NONCE } from './session-check.ts';
export {
  decodeState,
  encodeState,
  type SignedState,
  type SignerState,
  signState,
  verifyState,
} from './state.ts';
export {
  checkSenderFunds,
  checkTicketParams,
  DEFAULT_SENDER_LIMITS,
  type SenderChainView,
  type SenderLimits,
  TicketParamsError,
  type TicketParamsErrorCode,
} from './ticket-checks.ts';
export { formatTimestamp, parseTimestamp } from './timestamp.ts';
export { billableUnits, isPaymentType, PAYMENT_RULES, type PaymentType } from './units.ts';
