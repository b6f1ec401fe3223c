import * as z from 'zod/mini';
import { JsonDecimal } from './json.ts';

const text = z.string().check(z.minLength(1, { error: 'must not be empty' }));
const optionalText = z.exactOptional(z.string());
const count = z.exactOptional(z.int());

/** Wei per unit, from a JSON integer or a numeric string; anything that is not a whole number is refused. */
const wholeWei = z.codec(z.unknown(), z.bigint().check(z.minimum(0n), z.maximum(2n ** 256n - 1n)), {
  decode: (value, context) => {
    const wei = wholeNumber(value);
    if (wei !== undefined) return wei;
    context.issues.push({ code: 'custom', input: value, message: 'must be a whole number of wei' });
    return z.NEVER;
  },
  encode: (wei) => wei,
});

/** A graphics card, as far as the runner tells. */
export const gpuInfo = z.object({ id: optionalText, name: optionalText, vram_mb: count });

/** A published price: `price` currency per `unit`, where unit is `seconds`, `720p-pixel-seconds` or `fixed`. */
export const discoveredPrice = z.object({ price: wholeWei, currency: z.string(), unit: z.string() });

/** A runner in a discovery answer (live-runner.md section 10.4). */
export const discoveredRunner = z.object({
  url: text,
  gpu: z.exactOptional(gpuInfo),
  app: text,
  version: optionalText,
  metadata: optionalText,
  /** `persistent` or `single-shot`. */
  mode: optionalText,
  capacity: count,
  capacity_used: count,
  /** May be negative, when capacity was lowered below use. */
  capacity_available: count,
  /** Absent when there is none, or none that can be read. */
  price_info: z.exactOptional(discoveredPrice),
});

/** One orchestrator in a discovery answer, from itself or from a signer (live-runner.md 10.4, remote-signer.md 4). */
export const discoveryEntry = z.object({
  address: text,
  score: z.exactOptional(z.unknown()),
  capabilities: z.exactOptional(z.array(z.string())),
  runners: z.exactOptional(z.array(discoveredRunner)),
});

/** A runner in a discovery answer; `price_info.price` is exact wei per unit. */
export type DiscoveredRunner = z.output<typeof discoveredRunner>;
/** One orchestrator and its runners. */
export type DiscoveryEntry = z.output<typeof discoveryEntry>;

/**
 * The whole answer. Reading is forgiving, as every client is: entries without an address and runners without URL
 * or app are left out, an unreadable optional field counts as absent.
 */
export const discoveryList = z.codec(z.array(z.unknown()), z.array(discoveryEntry), {
  decode: (items) =>
    items.flatMap((item) => {
      const { runners, ...rest } = fields(item);
      const entry = lenient(discoveryEntry, rest);
      if (entry === undefined) return [];
      const usable = Array.isArray(runners)
        ? runners.flatMap((runner) => lenient(discoveredRunner, fields(runner)) ?? [])
        : [];
      return [{ ...entry, runners: usable.map((runner) => z.encode(discoveredRunner, runner)) }];
    }),
  encode: (entries) => entries,
});

// Drops the optional fields that do not parse; undefined when a required one does not.
function lenient<Schema extends z.ZodMiniObject>(
  schema: Schema,
  value: Record<string, unknown>,
): z.output<Schema> | undefined {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const bad = new Set(result.error.issues.map((issue) => issue.path[0]));
  const rest = Object.entries(value).filter(([key]) => !bad.has(key));
  if (rest.length === Object.keys(value).length) return undefined;
  const second = z.safeParse(schema, Object.fromEntries(rest));
  return second.success ? second.data : undefined;
}

function fields(value: unknown): Record<string, unknown> {
  // Any non-null object may be read by key.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const written = value instanceof JsonDecimal ? value.text : value;
  if (typeof written !== 'string') return undefined;
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(\d{1,80})(?:\.(\d{1,80}))?(?:[eE]\+?(\d{1,2}))?$/.exec(written.trim()) ?? [];
  if (whole === '') return undefined;
  const shift = BigInt(exponent) - BigInt(fraction.length);
  const digits = BigInt(whole + fraction);
  if (shift >= 0n) return digits * 10n ** shift;
  const scale = 10n ** -shift;
  return digits % scale === 0n ? digits / scale : undefined;
}
