export { type Registration, registerRunner } from './registration.ts';
export type { RegistrationOptions, ReleaseReason, RunnerEvent } from './registration-options.ts';
export {
  RegistrationError,
  type RegistrationErrorCode,
  SessionError,
  type SessionErrorCode,
} from './runner-error.ts';
export {
  type CallOptions,
  type ChannelRequest,
  type RequestHeaders,
  type RunnerSession,
  type RunnerSessionOptions,
  runnerSession,
  type SessionChannel,
} from './runner-session.ts';
export { SessionReleasedError } from './session-list.ts';
