import type { Clock } from '../clock.ts';
import type { Transport } from '../transport.ts';
import type { UploadTransport } from '../upload.ts';

/** How a transport connects. */
export interface TransportOptions {
  /**
   * `verify` (default): certificates are checked against the system's authorities.
   * `pin`: trust on first use for each host and port, for orchestrators with self-signed certificates. The
   * certificate seen first stays pinned for the life of the transport; another one is refused. Node only.
   */
  readonly tls?: 'verify' | 'pin';
  /**
   * `refuse` rejects loopback, private, link-local and other special addresses. The resolved address is checked as
   * the connection is made, so a name that resolves differently later does not slip through. Default `allow`.
   * Node only.
   */
  readonly privateAddresses?: 'allow' | 'refuse';
  /** HTTP/1.1 connections kept open to one host and port; further requests queue. Default: no limit. Node only. */
  readonly connectionsPerHost?: number;
  /** Times the deadlines. Default: the system clock. */
  readonly clock?: Clock;
}

/** A transport that owns connections. */
export interface ClosableTransport extends Transport, AsyncDisposable, Partial<UploadTransport> {
  /** Aborts what is still under way and closes all connections. */
  close(): Promise<void>;
}

/** This platform cannot do what a transport option asks for. Leave the option out, or run on Node. */
export class TransportOptionError extends Error {
  override readonly name = 'TransportOptionError';
  readonly code = 'unsupported-option';
  readonly option: string;

  constructor(option: string) {
    super(`transport option "${option}" is not available in a browser; leave it out or run on Node`);
    this.option = option;
  }
}

/** Default of `HttpRequest.maxBodyBytes`: 1 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 1_048_576;
