/** Why a runner could not be registered. */
export type RegistrationErrorCode =
  /** An option is not valid; nothing was sent. */
  | 'invalid-option'
  /** The orchestrator refused the data (400): correct the option that the message names. */
  | 'refused'
  /** The bootstrap secret is wrong, or the runner id belongs to a runner that is alive. */
  | 'unauthorized'
  /** The orchestrator takes no dynamic runners (404). */
  | 'disabled'
  /** No answer within the time allowed, or none that is a heartbeat answer; events tell each failure. */
  | 'unreachable'
  /** The registration was closed, or its signal aborted. */
  | 'closed';

/** Registration failed for good. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
  readonly code: RegistrationErrorCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(
    code: RegistrationErrorCode,
    message: string,
    options: { status?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}

/** Why a callback about a session failed. */
export type SessionErrorCode =
  /** The request has no session headers: it did not come through an orchestrator. */
  | 'no-session'
  /** The headers name another orchestrator, or a session that the orchestrator does not know. */
  | 'foreign-session'
  /** The orchestrator released the session (404). */
  | 'session-ended'
  /** The session token is void (401). */
  | 'unauthorized'
  /** Another refusal; the message is the orchestrator's. */
  | 'refused'
  | 'unreachable'
  | 'bad-answer';

/** A session's callback failed. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(code: SessionErrorCode, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}
