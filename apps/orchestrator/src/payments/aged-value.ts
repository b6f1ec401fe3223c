import type { Clock } from '@lp/runtime';
import { timedCall } from './timed-call.ts';

/** A value read from elsewhere, kept for a while. */
export interface AgedValue<T> {
  /** The value; read again when older than `freshMs`. When that fails, the old one serves until `maxAgeMs`. */
  get(): Promise<T>;
  /** Read again at the next `get`. */
  invalidate(): void;
}

/** Caches one reading. Concurrent `get`s share one `load`, which must settle within `timeoutMs`. */
export function agedValue<T>(options: {
  readonly load: (signal: AbortSignal) => Promise<T>;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): AgedValue<T> {
  const { load, clock, freshMs, maxAgeMs, timeoutMs, signal } = options;
  let known: { readonly value: T; readonly atNs: bigint; readonly stale: boolean } | undefined;
  let loading: Promise<T> | undefined;

  const read = async (): Promise<T> => {
    const value = await timedCall(load, { timeoutMs, clock, signal });
    known = { value, atNs: clock.monotonicNs(), stale: false };
    return value;
  };
  const ageMs = (): number =>
    known === undefined ? Number.POSITIVE_INFINITY : Number(clock.monotonicNs() - known.atNs) / 1e6;

  return {
    async get() {
      if (known !== undefined && !known.stale && ageMs() < freshMs) return known.value;
      loading ??= read().finally(() => {
        loading = undefined;
      });
      try {
        return await loading;
      } catch (error) {
        if (known !== undefined && ageMs() < maxAgeMs) return known.value;
        throw error;
      }
    },
    invalidate() {
      if (known !== undefined) known = { ...known, stale: true };
    },
  };
}
