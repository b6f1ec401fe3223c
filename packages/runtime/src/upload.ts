import type { HttpResponse } from './transport.ts';

/** A request whose body is written piece by piece. */
export interface HttpUploadRequest {
  readonly method: 'POST' | 'PUT';
  /** Absolute http(s) URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the exchange off. There is no other deadline: the peer may be silent for as long as the writer is. */
  readonly signal?: AbortSignal;
  /** Largest answer that is read, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/**
 * An exchange whose request body is still being written. The headers are sent at once; interim answers (100, 102),
 * however many, are passed over.
 */
export interface HttpUpload {
  /** The answer; it may come before the body has ended. Rejects with `TransportError`. */
  readonly response: Promise<HttpResponse>;
  /** Resolves when the headers are on their way on a connection. Rejects like `response` when none is made. */
  readonly connected: Promise<void>;
  /** Whether a byte of the body was handed to a connection: false means that the request may be made again. */
  readonly bodyStarted: boolean;
  /**
   * Resolves when the connection takes more. Bytes written after the answer, or after a failure, are dropped; a
   * failure is told by `response`.
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the body. */
  end(): void;
  /** Breaks the connection; `response` rejects with 'aborted' unless it has settled. */
  abort(reason?: unknown): void;
}

/** A transport that can write a body piece by piece. `fetch` in a browser can not. */
export interface UploadTransport {
  upload(request: HttpUploadRequest): HttpUpload;
}
