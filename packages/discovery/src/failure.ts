import type { TransportErrorCode } from '@lp/runtime';

/** Why a source gave no list. */
export type DiscoveryFailureCode =
  | TransportErrorCode
  | 'invalid-address'
  | 'http-status'
  | 'malformed'
  | 'too-large';

/** A source that gave no list. The others still count. */
export interface DiscoveryFailure {
  readonly kind: 'signer' | 'url' | 'orchestrator';
  /** The address asked, without query; empty when it was not an address. */
  readonly url: string;
  readonly code: DiscoveryFailureCode;
  readonly message: string;
  /** HTTP status, for `http-status`. */
  readonly status?: number;
  readonly cause?: unknown;
}
