import type { FastifyRequest } from 'fastify';

/** How an error looks on the wire. */
export interface ErrorReply {
  readonly status: number;
  /** An object is sent as JSON, a string or bytes as they are. */
  readonly body: object | string | Uint8Array;
  /** Default `application/json; charset=utf-8` for objects, `text/plain; charset=utf-8` for strings. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the log calls the error, where it is no `HttpError`: its class is known then, and no stack is needed. */
  readonly code?: string;
}

/**
 * An app's one place where errors become answers. Gets every thrown value, also the framework's own and the
 * `not-found` of unknown routes (`HttpError`); `undefined` leaves the answer to `problemJson`.
 */
export type ToReply = (error: unknown, request: FastifyRequest) => ErrorReply | undefined;
