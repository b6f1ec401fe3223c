import type { RunnerOffer } from '@lp/discovery';
import type { OfferedCapability } from '@lp/discovery/grpc';
import type { PaymentType, PriceCeiling } from '@lp/pm/sender';
import { compareRatio, type Price, type Ratio } from '@lp/pricing';
import { stringifyJson } from '@lp/protocol';
import { paymentTypeOf } from '../capability-ceilings.ts';
import type { KnownOrchestrator } from './catalogue.ts';
import { type Age, type ListedRunner, listedRunner } from './listed-runner.ts';
import { plainAddress, serviceAddress, speaksFor } from './service-address.ts';

/** One element of the answer of `GET /discover-orchestrators` (remote-signer.md section 4). */
export interface Entry extends Partial<Age> {
  readonly address: string;
  readonly score: 1;
  /** `pipeline/model` of its gRPC, and the apps of its runners; sorted. */
  readonly capabilities: readonly string[];
  /** Absent where there are none. */
  readonly runners?: readonly ListedRunner[];
}

/** What is listed, and at which prices. */
export interface ListingRules {
  /** The operator's ceilings by payment type: for runners. */
  readonly ceilings: readonly PriceCeiling[];
  /** Those of a capability and model. */
  readonly capabilityCeilings: (capability: number, model: string) => readonly PriceCeiling[];
  /** Orchestrators that are not listed, whoever announces them: by service URL, or by an account that they name as theirs. */
  readonly isBlocked?: (orchestrator: string) => boolean;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

interface Draft {
  readonly address: string;
  readonly capabilities: Set<string>;
  /** By URL: the first of several counts. */
  readonly runners: Map<string, ListedRunner>;
  /** Of its gRPC's news, the oldest. */
  ageMs: number | undefined;
}

const TYPE_OF_UNIT = { seconds: 'live', '720p-pixel-seconds': 'lv2v', fixed: 'fixed' } as const;

/**
 * What orchestrators offer at or below the operator's ceilings, by address, in the order they came: runners with a price,
 * and capabilities (steps 4 to 6). Zero is a price of capabilities, as in go-livepeer, and none of runners.
 */
export function discoveryEntries(known: readonly KnownOrchestrator[], rules: ListingRules): readonly Entry[] {
  const drafts = new Map<string, Draft>();
  const draftOf = (address: string): Draft => {
    const draft = drafts.get(address) ?? {
      address,
      capabilities: new Set(),
      runners: new Map(),
      ageMs: undefined,
    };
    drafts.set(address, draft);
    return draft;
  };
  const isListed = (address: string): boolean => rules.isBlocked?.(address) !== true;
  const isAffordable = affordable(rules);
  const asked = new Set(known.flatMap(({ url }) => plainAddress(url) ?? []));
  for (const { url, capabilities, runners } of known) {
    if (capabilities.news?.value.accounts.every(isListed) === false) continue;
    if (capabilities.news !== undefined) {
      const { value, ageMs } = capabilities.news;
      const address = serviceAddress(value.serviceUrl, url, asked);
      const keys = isListed(address) ? value.offered.filter(isAffordable).map(({ key }) => key) : [];
      if (keys.length > 0) {
        const draft = draftOf(address);
        for (const key of keys) draft.capabilities.add(key);
        draft.ageMs = Math.max(ageMs, draft.ageMs ?? 0);
      }
    }
    for (const offer of runners.news?.value ?? []) {
      const { orchestrator } = offer;
      if (!isPriced(offer) || !isListed(orchestrator) || !speaksFor(orchestrator, url, asked)) continue;
      const type = TYPE_OF_UNIT[offer.price.unit];
      if (isAbove({ n: offer.price.wei, d: offer.price.per }, type, rules.ceilings)) continue;
      const draft = draftOf(orchestrator);
      if (draft.runners.has(offer.url)) continue;
      const runnerAge = age(offer.ageMs + (runners.news?.ageMs ?? 0), rules.nowMs);
      draft.runners.set(offer.url, listedRunner(offer, runnerAge));
      draft.capabilities.add(offer.app);
    }
  }
  return [...drafts.values()].map((draft) => entryOf(draft, rules.nowMs));
}

/**
 * The entries that offer any of `caps`, in the order of `caps`, each once; all of them without `caps`.
 * Empty texts do not count.
 */
export function filterByCapability(entries: readonly Entry[], caps: readonly string[]): readonly Entry[] {
  const wanted = caps.filter((cap) => cap !== '');
  if (wanted.length === 0) return entries;
  const byCapability = new Map<string, Entry[]>();
  for (const cap of wanted) byCapability.set(cap, []);
  for (const entry of entries) for (const cap of entry.capabilities) byCapability.get(cap)?.push(entry);
  return [...new Set([...byCapability.values()].flat())];
}

/** The answer's text, with exact prices. */
export function discoveryBody(entries: readonly Entry[]): string {
  return stringifyJson(entries);
}

function entryOf({ address, capabilities, runners, ageMs }: Draft, nowMs: number): Entry {
  return {
    address,
    score: 1,
    capabilities: [...capabilities].sort(),
    ...(runners.size > 0 && { runners: [...runners.values()] }),
    ...(ageMs !== undefined && age(ageMs, nowMs)),
  };
}

function age(ageMs: number, nowMs: number): Age {
  // An orchestrator states the age of its runners: it may be one that no calendar has.
  return { last_seen: new Date(Math.max(0, nowMs - ageMs)).toISOString(), age_ms: ageMs };
}

/** Whether a capability's price is at or below its ceilings; each pair of capability and model is looked up once. */
function affordable({ capabilityCeilings }: ListingRules): (offered: OfferedCapability) => boolean {
  const found = new Map<string, readonly PriceCeiling[]>();
  return ({ key, capability, model, price }) => {
    const ceilings = found.get(key) ?? capabilityCeilings(capability, model);
    found.set(key, ceilings);
    return !isAbove(price, paymentTypeOf(capability), ceilings);
  };
}

function isPriced(offer: RunnerOffer): offer is RunnerOffer & { readonly price: Price } {
  return offer.price !== undefined;
}

function isAbove(price: Ratio, type: PaymentType, ceilings: readonly PriceCeiling[]): boolean {
  return ceilings.some(
    (ceiling) =>
      (ceiling.types === undefined || ceiling.types.includes(type)) && compareRatio(price, ceiling.price) > 0,
  );
}
