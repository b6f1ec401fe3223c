import { PIXELS_PER_SECOND_720P, type Ratio, ratio } from '@lp/pricing';
import type { TimeUnit } from './funding-terms.ts';

const NS_PER_SECOND = 1_000_000_000n;

/** Units in one second. */
const PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  seconds: 1n,
  nanoseconds: NS_PER_SECOND,
  '720p-pixel-seconds': PIXELS_PER_SECOND_720P,
};

/** Wei per second, exact, of a price in wei per unit. */
export function pricePerSecond(price: Ratio, unit: TimeUnit): Ratio {
  return ratio(price.n * PER_SECOND[unit], price.d);
}

/** Wei per `seconds` of a price that may count nanoseconds; any other price as it is. For comparing with ceilings. */
export function ceilingPrice(price: Ratio, unit: TimeUnit | undefined): Ratio {
  return unit === 'nanoseconds' ? pricePerSecond(price, unit) : price;
}

/** Exact wei for a time. */
export function timeFee(ns: bigint, perSecond: Ratio): Ratio {
  return ratio(ns * perSecond.n, NS_PER_SECOND * perSecond.d);
}

/** Nanoseconds that an amount of wei pays, **rounded down** (also below 0). */
export function paidNs(wei: Ratio, perSecond: Ratio): bigint {
  const scaled = wei.n * perSecond.d * NS_PER_SECOND;
  const divisor = wei.d * perSecond.n;
  const quotient = scaled / divisor;
  return scaled < 0n && quotient * divisor !== scaled ? quotient - 1n : quotient;
}
