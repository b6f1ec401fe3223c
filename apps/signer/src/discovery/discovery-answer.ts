import type { RunnerOffer } from '@lp/discovery';
import type { PriceCeiling } from '@lp/pm/sender';
import { compareRatio, type Price, roundedDecimal } from '@lp/pricing';
import { JsonDecimal, stringifyJson } from '@lp/protocol';
import type { ListedOffer } from './catalogue.ts';

/** One element of the answer of `GET /discover-orchestrators` (remote-signer.md section 4). */
interface Entry {
  readonly address: string;
  readonly score: 1;
  readonly capabilities: string[];
  readonly runners: Record<string, unknown>[];
}

const TYPE_OF_UNIT = { seconds: 'live', '720p-pixel-seconds': 'lv2v', fixed: 'fixed' } as const;

/** Priced runners at or below the operator's ceilings, by orchestrator, in the order they came. */
export function discoveryEntries(
  offers: readonly ListedOffer[],
  ceilings: readonly PriceCeiling[],
): readonly Entry[] {
  const entries = new Map<string, Entry>();
  const seen = new Set<string>();
  for (const { offer, ageMs, lastSeenMs } of offers) {
    const { price } = offer;
    if (price === undefined || seen.has(offer.url) || isAbove(price, ceilings)) continue;
    seen.add(offer.url);
    const entry = entries.get(offer.orchestrator) ?? {
      address: offer.orchestrator,
      score: 1,
      capabilities: [],
      runners: [],
    };
    entries.set(offer.orchestrator, entry);
    entry.runners.push(runnerOf(offer, price, { ageMs, lastSeenMs }));
    if (!entry.capabilities.includes(offer.app)) entry.capabilities.push(offer.app);
    entry.capabilities.sort();
  }
  return [...entries.values()];
}

/**
 * The entries that offer any of `caps`, in the order of `caps`, each once; all of them without `caps`.
 * Empty texts do not count.
 */
export function filterByCapability(entries: readonly Entry[], caps: readonly string[]): readonly Entry[] {
  const wanted = caps.filter((cap) => cap !== '');
  if (wanted.length === 0) return entries;
  return [...new Set(wanted.flatMap((cap) => entries.filter((entry) => entry.capabilities.includes(cap))))];
}

/** The answer's text, with exact prices. */
export function discoveryBody(entries: readonly Entry[]): string {
  return stringifyJson(entries);
}

function runnerOf(
  offer: RunnerOffer,
  price: Price,
  { ageMs, lastSeenMs }: { readonly ageMs: number; readonly lastSeenMs: number },
): Record<string, unknown> {
  const { gpu, capacity } = offer;
  return {
    url: offer.url,
    gpu: gpu === undefined ? undefined : { id: gpu.id, name: gpu.name, vram_mb: gpu.vramMb },
    app: offer.app,
    version: offer.version,
    metadata: offer.metadata,
    mode: offer.mode === 'unknown' ? undefined : offer.mode,
    capacity: capacity.total,
    capacity_used: capacity.used,
    capacity_available: capacity.available,
    price_info: { price: exactNumber(price), currency: 'wei', unit: price.unit },
    last_seen: new Date(lastSeenMs).toISOString(), // ours, both: when its orchestrator said so, and how long ago that is
    age_ms: ageMs,
  };
}

/** A bare JSON number; prices come from decimals, so that one is always exact. */
function exactNumber({ wei, per }: Price): bigint | JsonDecimal {
  if (per === 1n) return wei;
  let decimals = 1;
  while (decimals < 400 && 10n ** BigInt(decimals) % per !== 0n) decimals++;
  return new JsonDecimal(roundedDecimal({ n: wei, d: per }, decimals));
}

function isAbove(price: Price, ceilings: readonly PriceCeiling[]): boolean {
  const type = TYPE_OF_UNIT[price.unit];
  return ceilings.some(
    (ceiling) =>
      (ceiling.types === undefined || ceiling.types.includes(type)) &&
      compareRatio({ n: price.wei, d: price.per }, ceiling.price) > 0,
  );
}
