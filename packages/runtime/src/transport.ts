/** One HTTP request. Redirects are never followed. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'PATCH' | 'OPTIONS';
  /** Absolute http(s) URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal;
  /** Deadline for the whole exchange, in milliseconds; for a stream, until its headers have arrived. */
  readonly timeoutMs: number;
  /** Largest response body that is read, in bytes. Default 1 MiB. Not applied to streams. */
  readonly maxBodyBytes?: number;
  /**
   * Ask over HTTP/2, which gRPC needs, on a connection of its own that ends with the answer: offered over TLS (a peer that
   * speaks HTTP/1.1 only is asked that way), known beforehand over plain `http:`. Default false, HTTP/1.1. Node only.
   */
  readonly http2?: boolean;
}

/** A complete answer. Header names are lower case; repeated headers are joined with `, `. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** What came behind the body, in the shape of `headers`; absent when nothing did, and in a browser. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** An answer whose body is still arriving. Breaking off the iteration closes the connection. */
export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** HTTP as a port. Every failure that is not an HTTP answer is a `TransportError`. */
export interface Transport {
  request(request: HttpRequest): Promise<HttpResponse>;
  stream(request: HttpRequest): Promise<HttpStream>;
}

/** Why no HTTP answer came. */
export type TransportErrorCode =
  | 'timeout'
  | 'aborted'
  /** No connection: nothing of the request reached the peer. */
  | 'connect'
  /** The connection ended before a whole answer had come: the peer may have acted on the request. */
  | 'connection-lost'
  | 'tls'
  | 'body-too-large'
  | 'invalid-url'
  | 'forbidden-address';

/** No HTTP answer: `code` says why, `sent` whether the peer may have seen the request. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;
  /** False only when it is certain that the peer saw nothing. */
  readonly sent: boolean;
  readonly url: string;

  constructor(
    code: TransportErrorCode,
    message: string,
    options: { url: string; sent: boolean; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.url = options.url;
    this.sent = options.sent;
  }
}
