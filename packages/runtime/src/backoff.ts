import type { Random } from './random.ts';

/** How long retries wait. */
export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds. It doubles with every attempt. */
  readonly baseMs: number;
  /** Upper bound of any wait, in milliseconds. */
  readonly maxMs: number;
  readonly random: Random;
}

/** A number in [0, 1) with 32 bits of randomness. */
const unit = (random: Random): number => {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32;
};

/**
 * Milliseconds to wait before retry number `attempt` (0 is the first): exponential back-off with full jitter,
 * anywhere between 0 and `min(maxMs, baseMs * 2^attempt)`, so that many clients do not come back together.
 */
export const backoff = (attempt: number, { baseMs, maxMs, random }: BackoffOptions): number =>
  unit(random) * Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt));
