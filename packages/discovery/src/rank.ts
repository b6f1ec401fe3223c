import { comparePrice } from '@lp/pricing';
import type { HealthMemory } from './health-memory.ts';
import { offerKey, type RunnerOffer } from './offer.ts';

/** FNV-1a over UTF-16 code units: spreads ties, guards nothing. */
const spread = (seed: string, key: string): number => {
  let hash = 0x811c9dc5;
  for (const char of `${seed}\n${key}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash;
};

const byPrice = (a: RunnerOffer, b: RunnerOffer): number => {
  if (a.price === undefined || b.price === undefined) {
    return Number(a.price === undefined) - Number(b.price === undefined);
  }
  if (a.price.unit !== b.price.unit) return a.price.unit < b.price.unit ? -1 : 1;
  return comparePrice(a.price, b.price);
};

const isFull = (offer: RunnerOffer): boolean => offer.capacity.available <= 0;

/**
 * Best first: not full, fewest recent failures, lowest price, most free sessions, freshest. What is still equal is ordered by
 * `seed`, so that many clients spread and one client repeats itself.
 */
export function rankOffers(
  offers: readonly RunnerOffer[],
  { health, seed }: { readonly health: HealthMemory | undefined; readonly seed: string },
): RunnerOffer[] {
  return offers
    .map((offer) => ({
      offer,
      failures: health?.recentFailures(offer) ?? 0,
      tie: spread(seed, offerKey(offer)),
    }))
    .toSorted(
      (a, b) =>
        Number(isFull(a.offer)) - Number(isFull(b.offer)) ||
        a.failures - b.failures ||
        byPrice(a.offer, b.offer) ||
        b.offer.capacity.available - a.offer.capacity.available ||
        a.offer.ageMs - b.offer.ageMs ||
        a.tie - b.tie ||
        (a.offer.url < b.offer.url ? -1 : 1),
    )
    .map(({ offer }) => offer);
}
