/** Limits of `StallDetector`, in milliseconds. */
export interface StallLimits {
  /** Silence of a stream that has given output before. */
  readonly afterMs: number;
  /** Silence before the very first output, which a cold runner may need. */
  readonly firstAfterMs: number;
}

/** Notices when pictures go in and none come out. Pure: the caller tells the time, in milliseconds. */
export class StallDetector {
  readonly #limits: StallLimits;
  #waitingSince: number | undefined;
  #seenOutput = false;
  #stalled = false;

  constructor(limits: StallLimits) {
    this.#limits = limits;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** How long pictures have been going in without any coming out. */
  waitedMs(nowMs: number): number {
    return this.#waitingSince === undefined ? 0 : nowMs - this.#waitingSince;
  }

  /** A picture was given to the stream. */
  input(nowMs: number): void {
    this.#waitingSince ??= nowMs;
  }

  /** A picture came out. True when that ends a stall. */
  output(): boolean {
    const resumed = this.#stalled;
    this.#seenOutput = true;
    this.#stalled = false;
    this.#waitingSince = undefined;
    return resumed;
  }

  /** True once, when the silence has become too long. */
  check(nowMs: number): boolean {
    if (this.#stalled || this.#waitingSince === undefined) return false;
    const limit = this.#seenOutput ? this.#limits.afterMs : this.#limits.firstAfterMs;
    this.#stalled = nowMs - this.#waitingSince >= limit;
    return this.#stalled;
  }
}
