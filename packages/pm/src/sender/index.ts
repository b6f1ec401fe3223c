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
export { type CreditReport, creditReport } from './credit.ts';
export { type FundingAsk, type FundingTerms, MAX_LEAD_MS, type TimeUnit } from './funding-terms.ts';
export { type Offer, readOffer } from './offer.ts';
export { type CallLabels, type LivePaymentRequest, type OpenedPayment, openPayment } from './open.ts';
export { type PaymentPlan, type PlanContext, planPayment } from './plan.ts';
export { type RefusalCode, type RefusalStatus, SignerRefusal } from './refusal.ts';
export { checkSession, REFRESH_NONCE, type SessionCheckContext } from './session-check.ts';
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
export { MAX_TICKETS } from './ticket-count.ts';
export { ceilingPrice } from './time-price.ts';
export { formatTimestamp, parseTimestamp } from './timestamp.ts';
export { isPaymentType, PAYMENT_RULES, type PaymentType } from './units.ts';
