/**
 * Time as a port: everything in lp that waits, waits on a `Clock`, so that an hour of session runs in
 * milliseconds in a test, and twice the same.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970. May jump. */
  wallMs(): number;
  /** Nanoseconds from an arbitrary origin. Never runs backwards. */
  monotonicNs(): bigint;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
