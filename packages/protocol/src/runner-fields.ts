import * as z from 'zod/mini';
import { decimalText, rule } from './scalars.ts';

/** What dynamic and static runners tell alike (live-runner.md sections 4.1 and 5), with upstream's complaints. */

const REPLACEMENT = '\ufffd';

/** Absolute http(s) URL with a host. */
export const runnerUrl = z
  .string({ error: 'invalid runner_url' })
  .check(rule(isHttpUrl, 'invalid runner_url'));

/** Application id: not empty, trimmed. */
export const appName = z
  .string({ error: 'app must be trimmed' })
  .check(rule((app) => app !== '' && app === app.trim(), 'app must be trimmed'));

/** At most 1024 bytes of well-formed UTF-8. */
export const metadata = z.string().check(
  rule(
    (text) => text.length <= 1024 && new TextEncoder().encode(text).length <= 1024,
    'metadata must be at most 1024 bytes',
  ),
  rule((text) => text.isWellFormed() && !text.includes(REPLACEMENT), 'metadata must be valid UTF-8'),
);

/** `persistent` or `single-shot`; empty and `single_shot` are read as upstream does. */
export const runnerMode = z.codec(z.string(), z.enum(['persistent', 'single-shot']), {
  decode: (text, context) => {
    if (text === '' || text === 'persistent') return 'persistent';
    if (text === 'single-shot' || text === 'single_shot') return 'single-shot';
    const message = 'mode must be "persistent" or "single-shot"';
    context.issues.push({ code: 'custom', input: text, message });
    return z.NEVER;
  },
  encode: (mode) => mode,
});

/** Sessions at the same time; 0 is read as 1. */
export const capacity = z.codec(
  z.int(),
  z.int().check(rule((sessions) => sessions >= 0, 'capacity must be >= 0')),
  { decode: (sessions) => (sessions === 0 ? 1 : sessions), encode: (sessions) => sessions },
);

/** A device, or the index of a local one. */
export const runnerGpu = z.union([
  z.int(),
  z.object({
    id: z.exactOptional(z.string()),
    name: z.exactOptional(z.string()),
    vram_mb: z.exactOptional(z.int()),
  }),
]);

const currency = folded(['usd'], 'price_info.currency must be usd');
const unit = folded(['hour', '720p', 'fixed'], 'price_info.unit must be hour, 720p, or fixed');

/**
 * A runner's price as it registers it (live-runner.md section 11.1): USD per `unit`, `price` as exact decimal text.
 * Currency defaults to `usd`, unit to `hour`; both are trimmed and read in any case.
 */
export const runnerPrice = z.object({
  price: z.pipe(
    decimalText,
    z.string().check(
      rule(
        (price) => /[1-9]/.test(price.split(/[eE]/)[0] ?? ''),
        'price_info.price must be a positive decimal',
      ),
      rule((price) => !price.startsWith('-'), 'price_info.price must be a positive decimal'),
    ),
  ),
  currency: z._default(currency, 'usd'),
  unit: z._default(unit, 'hour'),
});

/** A runner's price: USD per hour, per 720p-hour or per call, as exact decimal text. */
export type RunnerPrice = z.output<typeof runnerPrice>;

function folded<const Name extends string>(names: readonly Name[], complaint: string) {
  return z.codec(z.string(), z.enum(names), {
    decode: (text, context) => {
      const name = names.find((candidate) => candidate === text.trim().toLowerCase());
      if (name !== undefined) return name;
      context.issues.push({ code: 'custom', input: text, message: complaint });
      return z.NEVER;
    },
    encode: (name) => name,
  });
}

function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || text.length > 2048) return false;
  return URL.canParse(text) && new URL(text).host !== '';
}
