import type { Clock } from '@lp/runtime';

/** Lets `burst` calls through at once and `perSecond` for good. */
export interface TokenBucket {
  /** Takes one; false when there is none. */
  take(): boolean;
}

const NS_PER_SECOND = 1_000_000_000n;

/** A full bucket. */
export function tokenBucket(options: {
  readonly perSecond: bigint;
  readonly burst: bigint;
  readonly clock: Clock;
}): TokenBucket {
  const { perSecond, clock } = options;
  const fullNs = (options.burst * NS_PER_SECOND) / perSecond;
  const eachNs = NS_PER_SECOND / perSecond;
  /** When the bucket is full again. */
  let fullAtNs = clock.monotonicNs();
  return {
    take() {
      const nowNs = clock.monotonicNs();
      const nextNs = (fullAtNs > nowNs ? fullAtNs : nowNs) + eachNs;
      if (nextNs - nowNs > fullNs) return false;
      fullAtNs = nextNs;
      return true;
    },
  };
}
