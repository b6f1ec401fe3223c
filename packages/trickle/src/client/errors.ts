/** What went wrong with a channel. The table in the README says what to do about each. */
export type TrickleErrorCode =
  /** The channel is over. */
  | 'closed'
  /** The channel does not exist: never made, deleted, or swept. */
  | 'not-found'
  /** The server refused; `status` and `detail` say how. */
  | 'rejected'
  /** No answer after all retries; `cause` is the last failure. */
  | 'unreachable'
  /** Part of a segment may have been read by the server; it was given up. The next segment may succeed. */
  | 'segment-lost'
  /** The peer took no bytes, or gave no answer, for too long. */
  | 'stalled'
  /** The previous segment has not been closed. */
  | 'segment-open'
  /** The answer is not trickle: something else listens there. */
  | 'protocol'
  /** The caller's signal. */
  | 'aborted';

/** A trickle operation failed. Channel names are secrets: messages carry the origin only. */
export class TrickleError extends Error {
  override readonly name = 'TrickleError';
  readonly code: TrickleErrorCode;
  /** HTTP status of a refusal. */
  readonly status: number | undefined;
  /** What the server said, at most 200 characters. */
  readonly detail: string | undefined;

  constructor(
    code: TrickleErrorCode,
    message: string,
    options: { status?: number; detail?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.detail = options.detail;
  }

  /** No later attempt on this channel can succeed. */
  get terminal(): boolean {
    return this.code === 'closed' || this.code === 'not-found' || this.code === 'aborted';
  }
}
