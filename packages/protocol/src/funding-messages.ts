import * as z from 'zod/mini';
import { int64, rule } from './scalars.ts';

const wholeNotNegative = int64.check(rule<bigint>((value) => value >= 0n, 'must not be negative'));

/**
 * Field `lpFunding` of a payment request: further terms for it (funding.md section 2). Ours: Go signers ignore it, and no
 * field of theirs has that name in any case.
 */
export const fundingRequest = z.object({
  /** Credit to hold at the orchestrator, in milliseconds of price. */
  leadMs: z.exactOptional(wholeNotNegative),
  /** Bill nanoseconds, not whole units per call. */
  exact: z.exactOptional(z.boolean()),
  /** What `price_info` counts: `seconds`, `nanoseconds` or `720p-pixel-seconds`. */
  unit: z.exactOptional(z.string()),
  /** Bill at most this much time, in nanoseconds. */
  atMostNs: z.exactOptional(wholeNotNegative),
});

/** Field `lpFunding` of a signer's 200, and of the error object of its 482: how the session stands. */
export const fundingReport = z.object({
  /** Exact wei left at the orchestrator, `a` or `a/b`. */
  creditWei: z
    .string()
    .check(z.regex(/^-?(?:0|[1-9]\d{0,399})(?:\/[1-9]\d{0,399})?$/, { error: 'must be an exact ratio' })),
  /** The same in milliseconds, rounded down; absent where the unit of the price is not known. */
  creditMs: z.exactOptional(int64),
  /** Milliseconds after which a call would pay again. */
  nextInMs: z.exactOptional(int64),
  /** The lead that is held. */
  leadMs: z.exactOptional(int64),
  /** Milliseconds since the last call that are never billed. */
  unbilledMs: z.exactOptional(int64),
  /** The state came from a clock far ahead: time counts anew. */
  restarted: z.exactOptional(z.literal(true)),
});

/** Field `lpFunding` of the answer to `POST /sign-orchestrator-info`: this signer takes a `fundingRequest`. */
export const fundingOffer = z.object({
  /** Longest lead it holds. */
  maxLeadMs: int64,
});

/** What a `fundingReport` reads as. */
export type FundingReport = z.output<typeof fundingReport>;
