/** An answer that is not a success, as an error: routes throw it, `toReply` of the server words it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Stable, lower case with dashes: what programs test. */
  readonly code: string;
  /** What the caller can do next. */
  readonly hint: string | undefined;
  /** Further members of the answer; never secrets. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Further headers of the answer, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: {
      readonly hint?: string;
      readonly fields?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.hint = options.hint;
    this.fields = options.fields ?? {};
    this.headers = options.headers ?? {};
  }
}

const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'invalid-request',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  413: 'too-large',
  414: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  431: 'too-large',
  503: 'unavailable',
};

/**
 * Any thrown value as an `HttpError`. Errors of the framework keep their 4xx status and message; everything else
 * is a 500 `internal` whose message says nothing about the inside.
 */
export function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const { statusCode, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    statusCode?: unknown;
    message?: unknown;
  };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const code = FRAMEWORK_CODES[statusCode] ?? 'invalid-request';
    return new HttpError(statusCode, code, typeof message === 'string' ? message : code, { cause: error });
  }
  return new HttpError(500, 'internal', 'something failed inside the server', {
    hint: 'look for the request id in the log of the server',
    cause: error,
  });
}
