/** Time between a picture's arrival here and its return, over the newest pictures. */
export class LatencyWindow {
  readonly #pending = new Map<number, number>();
  readonly #recent: number[] = [];
  readonly #size: number;

  /** Keeps `size` answers and as many open questions. */
  constructor(size = 128) {
    this.#size = size;
  }

  sent(number: number, nowMs: number): void {
    this.#pending.set(number, nowMs);
    if (this.#pending.size <= this.#size) return;
    for (const oldest of this.#pending.keys()) {
      this.#pending.delete(oldest);
      return;
    }
  }

  /** Unknown numbers (older than the window, or invented by the runner) count for nothing. */
  returned(number: number, nowMs: number): void {
    const since = this.#pending.get(number);
    if (since === undefined) return;
    this.#pending.delete(number);
    this.#recent.push(nowMs - since);
    if (this.#recent.length > this.#size) this.#recent.shift();
  }

  /** The `share` quantile (0 to 1) in milliseconds, null before the first answer. */
  quantile(share: number): number | null {
    if (this.#recent.length === 0) return null;
    const sorted = this.#recent.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  }
}
