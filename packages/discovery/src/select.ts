import { comparePrice, formatPrice, type Price, type PriceUnit } from '@lp/pricing';
import type { HealthMemory } from './health-memory.ts';
import type { RunnerOffer } from './offer.ts';
import { rankOffers } from './rank.ts';

/** What a caller wants. */
export interface SelectOptions {
  /** Exact, case-sensitive. */
  readonly app: string;
  readonly mode: 'persistent' | 'single-shot';
  /** Only offers priced in this unit. */
  readonly unit?: PriceUnit;
  /** Highest acceptable price; equal is allowed. An offer in another unit, or without a price, is refused. */
  readonly maxPrice?: Price;
  /** Runners that failed of late are tried last. */
  readonly health?: HealthMemory;
  /** Offers older than this are refused, milliseconds. Default: no limit. */
  readonly maxAgeMs?: number;
  /** `required` (default) refuses runners that were full when listed; `preferred` only ranks them last. */
  readonly freeCapacity?: 'required' | 'preferred';
  /** Orders offers that are equal otherwise. Default: the empty text. */
  readonly seed?: string;
}

/** Why an offer was not chosen. */
export type RefusalCode =
  | 'other-app'
  | 'other-mode'
  | 'other-unit'
  | 'no-price'
  | 'price-above-ceiling'
  | 'no-capacity'
  | 'too-old';

/** An offer that does not fit, with the reason. */
export interface OfferRefusal {
  readonly offer: RunnerOffer;
  readonly code: RefusalCode;
  readonly message: string;
}

/** Who to try, best first, and who not to. */
export interface Selection {
  readonly candidates: readonly RunnerOffer[];
  readonly refusals: readonly OfferRefusal[];
}

const refuse = (offer: RunnerOffer, options: SelectOptions): [RefusalCode, string] | undefined => {
  const { price, capacity } = offer;
  const { maxPrice, unit, maxAgeMs } = options;
  if (offer.app !== options.app.trim()) return ['other-app', 'offers another app'];
  if (offer.mode !== options.mode) return ['other-mode', `is ${offer.mode}, not ${options.mode}`];
  if (price === undefined && (unit !== undefined || maxPrice !== undefined)) {
    return ['no-price', 'publishes no price that could be checked'];
  }
  if (price !== undefined) {
    const wanted = unit ?? maxPrice?.unit;
    if (wanted !== undefined && price.unit !== wanted) {
      return ['other-unit', `is priced per '${price.unit}', not per '${wanted}'`];
    }
    if (maxPrice !== undefined && price.unit !== maxPrice.unit) {
      return ['other-unit', `is priced per '${price.unit}', the ceiling per '${maxPrice.unit}'`];
    }
    if (maxPrice !== undefined && comparePrice(price, maxPrice) > 0) {
      return [
        'price-above-ceiling',
        `costs ${formatPrice(price)}, above the ceiling of ${formatPrice(maxPrice)}`,
      ];
    }
  }
  if (maxAgeMs !== undefined && offer.ageMs > maxAgeMs) {
    return ['too-old', `was last seen ${offer.ageMs} ms ago, more than ${maxAgeMs} ms`];
  }
  if (options.freeCapacity !== 'preferred' && capacity.available <= 0) {
    return ['no-capacity', `is full (${capacity.used} of ${capacity.total} sessions)`];
  }
  return undefined;
};

/**
 * Chooses among offers. Each one is either a candidate or refused with a code and a text. Candidates come best
 * first: not full, fewest recent failures, lowest price, most free sessions, freshest, then by `seed`.
 *
 * @example
 * const { candidates, refusals } = selectRunners(offers, { app: 'live/blur', mode: 'persistent' });
 */
export function selectRunners(offers: readonly RunnerOffer[], options: SelectOptions): Selection {
  const fitting: RunnerOffer[] = [];
  const refusals: OfferRefusal[] = [];
  for (const offer of offers) {
    const refusal = refuse(offer, options);
    if (refusal === undefined) fitting.push(offer);
    else refusals.push({ offer, code: refusal[0], message: refusal[1] });
  }
  const candidates = rankOffers(fitting, { health: options.health, seed: options.seed ?? '' });
  return { candidates, refusals };
}
