import type { Clock } from '@lp/runtime';
import { timedCall } from './timed-call.ts';

/** A value read from elsewhere, kept for a while. */
export interface AgedValue<T> {
  /**
   * The value; read again when older than `freshMs`. When that fails, the old one serves until `maxAgeMs`, and the next
   * attempt waits for `freshMs`.
   */
  get(): Promise<T>;
  /** The value as known, without reading: `fresh` when `get` would not read either; undefined when it is too old. */
  peek(): { readonly value: T; readonly fresh: boolean } | undefined;
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
  let failedNs: bigint | undefined;

  const read = async (): Promise<T> => {
    const value = await timedCall(load, { timeoutMs, clock, signal });
    known = { value, atNs: clock.monotonicNs(), stale: false };
    failedNs = undefined;
    return value;
  };
  const msSince = (atNs: bigint | undefined): number =>
    atNs === undefined ? Number.POSITIVE_INFINITY : Number(clock.monotonicNs() - atNs) / 1e6;
  const peek = (): { value: T; fresh: boolean } | undefined => {
    if (known === undefined) return undefined;
    const { value, stale, atNs } = known;
    const ageMs = msSince(atNs);
    if (!stale && ageMs < freshMs) return { value, fresh: true };
    return ageMs < maxAgeMs ? { value, fresh: !stale && msSince(failedNs) < freshMs } : undefined;
  };

  return {
    peek,
    async get() {
      const before = peek();
      if (before?.fresh === true) return before.value;
      loading ??= read().finally(() => {
        loading = undefined;
      });
      try {
        return await loading;
      } catch (error) {
        failedNs = clock.monotonicNs();
        const old = peek();
        if (known === undefined || old === undefined) throw error;
        known = { ...known, stale: false };
        return old.value;
      }
    },
    invalidate() {
      if (known !== undefined) known = { ...known, stale: true };
    },
  };
}
