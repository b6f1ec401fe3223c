/** What one buffered chunk costs beyond its bytes: the object around it. Keeps 1-byte chunks from being free. */
export const CHUNK_COST_BYTES = 128;

/** Something that can be given up to free memory: readers of a segment that has left the ring. */
export interface Evictable {
  evict(): void;
}

/**
 * Counts what segments hold, and gives up the oldest dispensable ones when it is too much. What a share of a larger
 * budget takes counts in both.
 */
export class BufferBudget {
  readonly #limitBytes: number;
  readonly #whole: BufferBudget | undefined;
  readonly #evictable = new Set<Evictable>();
  #usedBytes = 0;

  constructor(limitBytes: number, whole?: BufferBudget) {
    this.#limitBytes = limitBytes;
    this.#whole = whole;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Takes `bytes`, evicting if need be. False when there is no room. */
  take(bytes: number): boolean {
    for (const oldest of this.#evictable) {
      if (this.#usedBytes + bytes <= this.#limitBytes) break;
      this.#evictable.delete(oldest);
      oldest.evict();
    }
    if (this.#usedBytes + bytes > this.#limitBytes) return false;
    if (this.#whole?.take(bytes) === false) return false;
    this.#usedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#whole?.release(bytes);
  }

  setEvictable(item: Evictable, evictable: boolean): void {
    if (evictable) this.#evictable.add(item);
    else this.#evictable.delete(item);
    this.#whole?.setEvictable(item, evictable);
  }
}
