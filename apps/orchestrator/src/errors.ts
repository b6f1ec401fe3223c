/**
 * A refusal that goes to the peer as upstream words it: plain text, or the JSON envelope where upstream uses
 * one (live-runner.md section 1). `code` is ours and stable; it goes to logs, never on the wire.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: { code: string; headers?: Record<string, string>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = options.code;
    this.headers = options.headers ?? {};
  }
}

/** Header of a 404 that says why the session ended. */
export const SESSION_ENDED = 'livepeer-session-ended';

export const runnerNotFound = (): Refusal =>
  new Refusal(404, 'runner not found', { code: 'runner-not-found' });

/** 404 for a session that is not there; says why it ended where that is still known. */
export const sessionNotFound = (endedBecause?: string): Refusal =>
  new Refusal(404, 'runner session not found', {
    code: 'session-not-found',
    ...(endedBecause === undefined ? {} : { headers: { [SESSION_ENDED]: endedBecause } }),
  });
