// Addresses
export { AddressError, joinUrl, originUrl, parseAddress } from './address.ts';
// Discover
export type { DiscoverOptions, Discovery } from './discover.ts';
export { discoverRunners } from './discover.ts';
// Read one list
export type { DiscoveryFailure, DiscoveryFailureCode } from './failure.ts';
export type { FetchedList } from './fetch-list.ts';
export { fetchRunnerList } from './fetch-list.ts';
// Remember
export type { HealthMemoryOptions } from './health-memory.ts';
export { HealthMemory } from './health-memory.ts';
export { MAX_LIST_BYTES, MAX_RUNNERS } from './limits.ts';
export type { RunnerCapacity, RunnerGpu, RunnerMode, RunnerOffer } from './offer.ts';
export { offerKey } from './offer.ts';
export type { ParsedList } from './parse-list.ts';
export { parseRunnerList } from './parse-list.ts';
export { parseOfferPrice } from './parse-price.ts';
// Select
export type { OfferRefusal, RefusalCode, Selection, SelectOptions } from './select.ts';
export { selectRunners } from './select.ts';
export type { SkipCode, SkippedRunner } from './skipped.ts';
export type { DiscoverySource, ListRequest } from './sources.ts';
export { listRequests } from './sources.ts';
