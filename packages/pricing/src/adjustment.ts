import { addRatio, mulRatio, type Ratio, ratio } from './ratio.ts';

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Thousandths of a wei, **truncated toward zero** and clamped to int64: how the Go node stores a price
 * (payments.md section 5, `PriceToFixed`).
 */
export function priceToFixed(price: Ratio): bigint {
  const thousandths = (price.n * 1000n) / price.d;
  if (thousandths > MAX_INT64) return MAX_INT64;
  return thousandths < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : thousandths;
}

/** Inverse of `priceToFixed`: thousandths of a wei as an exact ratio. */
export function fixedToPrice(thousandths: bigint): Ratio {
  return ratio(thousandths, 1000n);
}

/**
 * A base price with the orchestrator's overhead for redemption: `base * (1 + 1 / txCostMultiplier)`, then
 * **truncated** to thousandths of a wei. A multiplier of 0 means no overhead. Never used for live runner prices
 * (payments.md section 5, auto-adjust).
 */
export function adjustForTxCost(base: Ratio, txCostMultiplier: Ratio): Ratio {
  const overhead =
    txCostMultiplier.n === 0n
      ? ratio(1n)
      : addRatio(ratio(1n), ratio(txCostMultiplier.d, txCostMultiplier.n));
  return fixedToPrice(priceToFixed(mulRatio(base, overhead)));
}
