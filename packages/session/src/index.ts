// Open
export type { AppRequest, SessionApp } from './app-client.ts';
// Errors
export {
  type MoneyState,
  NoRunnerError,
  PriceError,
  type Refusal,
  ReservationError,
  SessionDroppedError,
  SessionEndedError,
  SessionOptionError,
  SignerError,
  type SignerErrorCode,
  SpendLimitError,
} from './errors.ts';
// Watch
export type { SessionEvent } from './events.ts';
export type { EndReason } from './funding/state.ts';
export { openSession } from './open-session.ts';
export type { OpenSessionOptions, UsdCeiling } from './options.ts';
export type { Receipt, TicketSum } from './receipt.ts';
// Survive a crash
export type { SessionCheckpoint } from './resume/checkpoint.ts';
export { type ResumeOptions, resumeSession } from './resume/resume-session.ts';
export type { FundingSnapshot, Session } from './session.ts';
// Signer
export type { MintedPayment, SignerAnswer, SignerStateBlob } from './signer/answer.ts';
export {
  type PaymentRequest,
  type PaymentType,
  type SignerClient,
  type SignerOptions,
  signerClient,
} from './signer/client.ts';
export type { PaymentRecord, SessionStore } from './store.ts';
