const HOUR_MS = 3_600_000;

/** How long a session that nobody continues is remembered, and how old a state may be to be adopted, in milliseconds. */
export const SESSION_KEPT_MS = 24 * HOUR_MS;
/** Clocks of signers that share states may differ by this much, in milliseconds. */
export const CLOCK_SKEW_MS = 600_000;
/**
 * Nonces are remembered until a ticket of theirs can no longer be redeemed: rounds last 21 hours, tickets two of them. In
 * milliseconds.
 */
export const NONCE_KEPT_MS = 72 * HOUR_MS;
