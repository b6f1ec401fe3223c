import * as z from 'zod/mini';
import { WireError } from './wire-error.ts';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /(\d{1,18})(?:\.(\d{1,18}))?(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Reads a Go duration that is not negative (`5s`, `1m30s`, `1.5h`, `0`) as nanoseconds, rounded down.
 *
 * @throws WireError `invalid-field`
 */
export function parseGoDuration(text: string): bigint {
  if (text === '0') return 0n;
  let total = 0n;
  let at = 0;
  while (at < text.length && text.length <= 64) {
    PART.lastIndex = at;
    const [part, whole = '', fraction = '', unit = ''] = PART.exec(text) ?? [];
    const scale = NANOSECONDS[unit];
    if (part === undefined || scale === undefined) break;
    total += BigInt(whole) * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
    at += part.length;
  }
  if (at === 0 || at < text.length)
    throw new WireError('invalid-field', 'not a Go duration such as 5s or 1m30s');
  return total;
}

/** Prints whole milliseconds as Go does: `5s`, `1m30s`, `1h0m0s`, `250ms`, `1.5s`. */
export function formatGoDuration(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new WireError('invalid-field', 'a duration must be a whole number of milliseconds');
  }
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const fraction = String(ms % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  const seconds = `${Math.floor(ms / 1000) % 60}${fraction === '' ? '' : `.${fraction}`}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** A Go duration to milliseconds (rounded down; at most a day). */
export const goDurationMs = z.codec(z.string(), z.int().check(z.minimum(0), z.maximum(86_400_000)), {
  decode: (text, context) => {
    try {
      // Clamped before it becomes a number: the check above refuses it then.
      const ms = parseGoDuration(text) / 1_000_000n;
      return ms > 86_400_000n ? 86_400_001 : Number(ms);
    } catch {
      context.issues.push({ code: 'custom', input: text, message: 'must be a Go duration such as 5s' });
      return z.NEVER;
    }
  },
  encode: formatGoDuration,
});
