import { MAX_WIN_PROB } from '@lp/pm';
import { PIXELS_PER_SECOND_720P, type Price, type PriceUnit, type Ratio, ratio } from '@lp/pricing';

/**
 * Money of one session, exact, as a whole number: 1 wei is `MAX_WIN_PROB * price.per` of them. In this scale both a
 * ticket's EV and the fee of a unit are integers, so that sums and comparisons need no fractions.
 */
export type Amount = bigint;

const NS_PER_SECOND = 1_000_000_000n;

/** Units that a session of this price unit uses in one second; undefined for a fixed price, which is not metered. */
export const unitsPerSecond = (unit: PriceUnit): bigint | undefined => {
  switch (unit) {
    case 'seconds':
      return 1n;
    case '720p-pixel-seconds':
      return PIXELS_PER_SECOND_720P;
    case 'fixed':
      return undefined;
  }
};

/** The price with what it takes to count in it. `price.wei > 0`. */
export interface Tariff {
  readonly price: Price;
  /** Metered units in one second. */
  readonly rate: bigint;
}

/** Value of tickets, from quanta of `evQuanta` (1 wei = `MAX_WIN_PROB`). */
export const ticketAmount = (quanta: bigint, { price }: Tariff): Amount => quanta * price.per;

/** Fee of a number of units. */
export const unitAmount = (units: bigint, { price }: Tariff): Amount => units * price.wei * MAX_WIN_PROB;

/** Whole units that an amount pays, **rounded down**. */
export const amountUnits = (amount: Amount, { price }: Tariff): bigint => amount / (price.wei * MAX_WIN_PROB);

/** Exact wei. */
export const amountWei = (amount: Amount, { price }: Tariff): Ratio =>
  ratio(amount, MAX_WIN_PROB * price.per);

/** Amount of a whole number of wei. */
export const weiAmount = (wei: bigint, { price }: Tariff): Amount => wei * MAX_WIN_PROB * price.per;

/** Nanoseconds that an amount pays, **rounded down** (also below 0). */
export const amountNs = (amount: Amount, tariff: Tariff): bigint => {
  const perSecond = unitAmount(tariff.rate, tariff);
  const scaled = amount * NS_PER_SECOND;
  const quotient = scaled / perSecond;
  return scaled < 0n && quotient * perSecond !== scaled ? quotient - 1n : quotient;
};

/** Whole units in a time, **rounded down**; the rest is carried because time is always counted from the start. */
export const unitsIn = (ns: bigint, { rate }: Tariff): bigint =>
  ns <= 0n ? 0n : (ns * rate) / NS_PER_SECOND;
