/** One waiting timer. */
export interface Timer {
  readonly dueNs: bigint;
  /** Order of creation: the tie-break. */
  readonly id: number;
  fire(): void;
}

const before = (a: Timer, b: Timer): boolean => (a.dueNs === b.dueNs ? a.id < b.id : a.dueNs < b.dueNs);

/** Timers by due time, then by creation. */
export class TimerQueue {
  /** Latest first, so that the next one is taken off the end. */
  readonly #timers: Timer[] = [];
  #nextId = 0;

  get size(): number {
    return this.#timers.length;
  }

  add(dueNs: bigint, fire: () => void): Timer {
    const timer: Timer = { dueNs, id: this.#nextId++, fire };
    this.#timers.splice(this.#indexOf(timer), 0, timer);
    return timer;
  }

  remove(timer: Timer): void {
    const index = this.#indexOf(timer);
    if (this.#timers[index] === timer) this.#timers.splice(index, 1);
  }

  peek(): Timer | undefined {
    return this.#timers.at(-1);
  }

  pop(): Timer | undefined {
    return this.#timers.pop();
  }

  /** Index of `timer`, or where it belongs. */
  #indexOf(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#timers[middle];
      if (at !== undefined && before(timer, at)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
