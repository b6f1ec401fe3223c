import { AddressError, parseAddress } from './address.ts';
import { MAX_METADATA_BYTES, MAX_NAME } from './limits.ts';
import type { RunnerCapacity, RunnerGpu, RunnerMode, RunnerOffer } from './offer.ts';
import { parseOfferPrice } from './parse-price.ts';
import type { SkipCode } from './skipped.ts';

/** A runner that cannot be used. */
export interface RunnerProblem {
  readonly code: SkipCode;
  readonly message: string;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const name = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME ? value : undefined;

const count = (value: unknown, fallback: number): number | undefined => {
  if (value === undefined || value === null) return fallback;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
};

const readCapacity = (runner: Fields): RunnerCapacity | undefined => {
  const total = count(runner['capacity'], 1);
  const used = count(runner['capacity_used'], 0);
  if (total === undefined || used === undefined || total < 0 || used < 0) return undefined;
  const available = count(runner['capacity_available'], total - used);
  return available === undefined ? undefined : { total, used, available };
};

// A list need not state the mode; the published path does (live-runner.md section 6).
const readMode = (mode: unknown, url: URL): RunnerMode => {
  if (mode === 'persistent') return 'persistent';
  if (mode === 'single-shot' || mode === 'single_shot') return 'single-shot';
  if (/\/session\/?$/.test(url.pathname)) return 'persistent';
  return /\/app\/?$/.test(url.pathname) ? 'single-shot' : 'unknown';
};

const readGpu = (value: unknown): RunnerGpu | undefined => {
  if (!isFields(value)) return undefined;
  const id = name(value['id']);
  const gpuName = name(value['name']);
  const vramMb = count(value['vram_mb'], -1);
  return {
    ...(id === undefined ? {} : { id }),
    ...(gpuName === undefined ? {} : { name: gpuName }),
    ...(vramMb === undefined || vramMb < 0 ? {} : { vramMb }),
  };
};

const MS_PER_SECOND = 1000;
/** Unix seconds of the year 5138; a larger number is in milliseconds. */
const SECONDS_LIMIT = 100_000_000_000;

// `last_seen` is not settled upstream: RFC 3339 text, unix seconds and milliseconds are read.
const readAge = (runner: Fields, nowMs: number): number => {
  const age = runner['age_ms'];
  if (typeof age === 'number' && age >= 0) return Math.floor(age);
  const seen = runner['last_seen'];
  const seenMs =
    typeof seen === 'string'
      ? Date.parse(seen)
      : typeof seen === 'number'
        ? seen < SECONDS_LIMIT
          ? seen * MS_PER_SECOND
          : seen
        : Number.NaN;
  return Number.isFinite(seenMs) ? Math.max(0, nowMs - Math.floor(seenMs)) : 0;
};

const badMetadata = (value: unknown): boolean =>
  typeof value !== 'string' ||
  value.length > MAX_METADATA_BYTES ||
  new TextEncoder().encode(value).byteLength > MAX_METADATA_BYTES ||
  value.includes('\uFFFD') ||
  !value.isWellFormed(); // half a surrogate pair has no UTF-8

/**
 * Reads one runner. `price` problems do not drop it: it stays, without a price.
 */
export function parseRunner(
  runner: unknown,
  orchestrator: string,
  nowMs: number,
): { readonly offer: RunnerOffer; readonly priceProblem?: string } | { readonly problem: RunnerProblem } {
  const problem = (code: SkipCode, message: string) => ({ problem: { code, message } });
  if (!isFields(runner)) return problem('not-an-object', 'the runner is not an object');
  const { url: text, app: appText, metadata, version: versionText, price_info: priceInfo } = runner;
  if (typeof text !== 'string' || !/^https?:\/\//i.test(text)) {
    return problem('invalid-url', 'url is not an http(s) URL');
  }
  let url: URL;
  try {
    url = parseAddress(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return problem('invalid-url', `url: ${error.message}`);
  }
  const app = typeof appText === 'string' ? name(appText.trim()) : undefined;
  if (app === undefined) return problem('invalid-app', `app is not a text of 1 to ${MAX_NAME} characters`);
  const hasMetadata = metadata !== undefined && metadata !== null && metadata !== '';
  if (hasMetadata && badMetadata(metadata)) {
    return problem('invalid-metadata', `metadata is not text of at most ${MAX_METADATA_BYTES} bytes`);
  }
  const capacity = readCapacity(runner);
  if (capacity === undefined) return problem('invalid-capacity', 'capacity is not made of whole numbers');

  const price = priceInfo === undefined || priceInfo === null ? undefined : parseOfferPrice(priceInfo);
  const gpu = readGpu(runner['gpu']);
  const version = name(versionText);
  const offer: RunnerOffer = {
    orchestrator,
    url: text.trim(),
    app,
    mode: readMode(runner['mode'], url),
    capacity,
    ...(typeof price === 'object' ? { price } : {}),
    ...(gpu === undefined ? {} : { gpu }),
    ...(version === undefined ? {} : { version }),
    ...(hasMetadata ? { metadata: metadata as string } : {}),
    ageMs: readAge(runner, nowMs),
  };
  return typeof price === 'string' ? { offer, priceProblem: price } : { offer };
}
