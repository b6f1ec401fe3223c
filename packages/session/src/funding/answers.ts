import type { Terms } from './terms.ts';

/** What became of one attempt to deliver a payment (funding.md rule 4). */
export type DeliveryAnswer =
  /** 200. Fresh terms where the answer carries any that can be read. */
  | { readonly kind: 'accepted'; readonly terms: Terms | undefined }
  /** 5xx other than 503, or the connection ended before an answer. */
  | {
      readonly kind: 'unknown';
      readonly message: string;
      readonly connection: boolean;
      readonly timedOut?: boolean;
      readonly cause?: unknown;
    }
  /** No connection: the orchestrator saw nothing. */
  | { readonly kind: 'not-sent'; readonly message: string; readonly cause?: unknown }
  /** 400 `already seen`; the nonce where the text names it. */
  | { readonly kind: 'seen'; readonly nonce: number | undefined; readonly message: string }
  /** 400 `TicketParams expired`. */
  | { readonly kind: 'expired' }
  /** Any other 400. */
  | { readonly kind: 'refused'; readonly message: string }
  /** 402, 403: the token or the headers were not accepted, nothing was processed. */
  | { readonly kind: 'token'; readonly status: number; readonly message: string }
  /** 404. */
  | { readonly kind: 'gone'; readonly message: string }
  /** 409: a fixed-price session, nothing to pay. */
  | { readonly kind: 'fixed' }
  /** 429, 503. */
  | { readonly kind: 'busy'; readonly retryAfterNs: bigint };

/** What a probe found (funding.md rule 6). */
export type ProbeAnswer =
  | { readonly kind: 'alive' }
  | { readonly kind: 'ended'; readonly reason: string | undefined }
  | { readonly kind: 'not-ready' }
  /** An HTTP answer that tells nothing. */
  | { readonly kind: 'unclear'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string; readonly cause?: unknown };

/** What a request for fresh terms brought. */
export type RefreshAnswer =
  | { readonly kind: 'terms'; readonly terms: Terms }
  /** This source has none: 409, 404, unusable terms. */
  | { readonly kind: 'none'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string; readonly cause?: unknown };
