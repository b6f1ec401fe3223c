import { readFileSync } from 'node:fs';
import { CAPABILITY_NAMES } from '@lp/discovery/grpc';
import type { OpenedPayment, PaymentType, PriceCeiling } from '@lp/pm/sender';
import { compareRatio, divRatio, mulRatio, parseRatio, type Ratio } from '@lp/pricing';
import { JsonDecimal, parseJson } from '@lp/protocol';
import { ConfigError } from '@lp/service';

/** Capability numbers by pipeline. */
const CAPABILITIES: ReadonlyMap<string, number> = new Map(
  [...CAPABILITY_NAMES].map(([capability, name]) => [name, capability]),
);
const LIVE_VIDEO_TO_VIDEO = 35;

const TYPES: ReadonlyMap<string, readonly PaymentType[]> = new Map([
  ['seconds', ['live', '']],
  ['720p-pixel-seconds', ['lv2v', '']],
  ['fixed', ['fixed', '']],
]);

interface Entry {
  readonly capability: number;
  readonly model: string;
  /** Per unit, in wei or in USD. */
  readonly price: Ratio;
  readonly currency: 'wei' | 'usd';
  /** Payment types it binds; all where the document names no unit, as go-livepeer has it. */
  readonly types: readonly PaymentType[] | undefined;
}

/** Ceilings by capability and model. */
export interface CapabilityCeilings {
  /** Whether a ceiling is in USD. */
  readonly needsRate: boolean;
  /**
   * The ceilings of one payment. Of the capabilities that the caller names, the highest that has a ceiling counts, never
   * their sum; naming none, or one without a ceiling, falls back to `general`, and where that binds nothing to the
   * highest of all, so that leaving them out is no way around (remote-signer.md H10). `weiPerUsd` is asked where
   * `needsRate`; what it throws comes through.
   */
  forPayment(
    opened: OpenedPayment,
    general: readonly PriceCeiling[],
    weiPerUsd: () => Ratio,
  ): readonly PriceCeiling[];
  /** The ceilings of a payment that would name this capability and model only, for what discovery lists. */
  forModel(
    capability: number,
    model: string,
    general: readonly PriceCeiling[],
    weiPerUsd: () => Ratio,
  ): readonly PriceCeiling[];
}

/** How payments for a capability are counted, which its price does not say: live video in pixels, others by the caller. */
export function paymentTypeOf(capability: number): PaymentType {
  return capability === LIVE_VIDEO_TO_VIDEO ? 'lv2v' : '';
}

const SOURCE = 'configured maximum price';
const MAX_BYTES = 1 << 20;

/**
 * Reads `-maxPricePerCapability` of go-livepeer: a JSON document or the path of one (remote-signer.md section 6.2).
 * Entries without a price are skipped, as there. One member more: `unit`, with which a ceiling binds payments of its
 * unit only.
 *
 * @throws ConfigError; unlike go-livepeer also for a document that cannot be read, which would leave no ceilings.
 */
export function readCapabilityCeilings(text: string): CapabilityCeilings {
  const entries = listOf(text).flatMap((entry, index) => readEntry(entry, index));
  const ceilings = (
    type: PaymentType,
    named: readonly (readonly [capability: number, models: Iterable<string>])[],
    general: readonly PriceCeiling[],
    weiPerUsd: () => Ratio,
  ): readonly PriceCeiling[] => {
    const binding = entries
      .filter(({ types }) => types === undefined || types.includes(type))
      .map((entry) => (entry.currency === 'wei' ? entry : inWei(entry, weiPerUsd())));
    const found = named.flatMap(([capability, models]) =>
      [...models].flatMap((model) => ceilingOf(binding, capability, model)),
    );
    const bound = general.some(({ types }) => types === undefined || types.includes(type));
    const highest = max(found) ?? (bound ? undefined : max(binding.map(({ price }) => price)));
    return highest === undefined ? general : [{ source: SOURCE, price: highest }];
  };
  return {
    needsRate: entries.some(({ currency }) => currency === 'usd'),
    forPayment(opened, general, weiPerUsd) {
      const type = opened.state.type as PaymentType; // other types are refused before a price is looked at
      const named = [...(opened.capabilities?.constraints?.perCapability ?? [])].map(
        ([capability, models]) => [capability, models.keys()] as const,
      );
      return ceilings(type, named, general, weiPerUsd);
    },
    forModel: (capability, model, general, weiPerUsd) =>
      ceilings(paymentTypeOf(capability), [[capability, [model]]], general, weiPerUsd),
  };
}

/** Whether some entry leaves its `pixels_per_unit` to go-livepeer's `-pixelsPerUnit`. A document that cannot be read does not. */
export function leavesPixelsOpen(text: string): boolean {
  try {
    return listOf(text).some((entry) => {
      const { pixels_per_unit: per } = (entry ?? {}) as Record<string, unknown>;
      return (number(per, 'pixels_per_unit')?.n ?? 0n) <= 0n;
    });
  } catch {
    return false;
  }
}

function ceilingOf(entries: readonly Entry[], capability: number, model: string): readonly Ratio[] {
  const mine = entries.filter((entry) => entry.capability === capability);
  const entry = mine.find((one) => one.model === model) ?? mine.find((one) => one.model === 'default');
  return entry === undefined ? [] : [entry.price];
}

function inWei(entry: Entry, weiPerUsd: Ratio): Entry {
  return { ...entry, currency: 'wei', price: mulRatio(entry.price, weiPerUsd) };
}

function max(prices: readonly Ratio[]): Ratio | undefined {
  const [first, ...others] = prices;
  return first && others.reduce((best, price) => (compareRatio(price, best) > 0 ? price : best), first);
}

function listOf(text: string): readonly unknown[] {
  try {
    const json = text.trimStart().startsWith('{') ? text : readFileSync(text, 'utf8');
    const { capabilities_prices: list } = parseJson(json, { maxBytes: MAX_BYTES }) as Record<string, unknown>;
    if (Array.isArray(list)) return list as unknown[];
  } catch (cause) {
    throw refused(`cannot be read: ${cause instanceof Error ? cause.message : 'no JSON'}`);
  }
  throw refused('has no list capabilities_prices');
}

function readEntry(value: unknown, index: number): Entry[] {
  const at = `capabilities_prices[${index}]`;
  if (typeof value !== 'object' || value === null) throw refused(`${at} is no object`);
  const entry = value as Record<string, unknown>;
  const pipeline = textOf(entry['pipeline']).trim().toLowerCase().replaceAll(' ', '-');
  const capability = CAPABILITIES.get(pipeline);
  if (capability === undefined) throw refused(`${at}.pipeline is not known: ${pipeline.slice(0, 80)}`);
  const currency = textOf(entry['currency']).toLowerCase() || 'wei';
  if (currency !== 'wei' && currency !== 'usd') throw refused(`${at}.currency is neither wei nor USD`);
  const unit = entry['unit'];
  const types = unit === undefined ? undefined : TYPES.get(textOf(unit));
  if (unit !== undefined && types === undefined) {
    throw refused(`${at}.unit is not one of ${[...TYPES.keys()].join(', ')}`);
  }
  const price = number(entry['price_per_unit'], `${at}.price_per_unit`);
  const per = number(entry['pixels_per_unit'], `${at}.pixels_per_unit`);
  if (price === undefined || price.n <= 0n) return [];
  const model = textOf(entry['model_id']) || 'default';
  return [
    {
      capability,
      model,
      price: per === undefined || per.n <= 0n ? price : divRatio(price, per),
      currency,
      types,
    },
  ];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown, at: string): Ratio | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return { n: BigInt(value as number), d: 1n };
  if (value instanceof JsonDecimal) return parseRatio(value.text);
  throw refused(`${at} is no number`);
}

function refused(why: string): ConfigError {
  return new ConfigError('lp-signer', [`--ceilings (LP_SIGNER_CEILINGS) ${why}`]);
}
