import { type BufferBudget, CHUNK_COST_BYTES, type Evictable } from './budget.ts';

/** Reads a segment at its own pace; it keeps its own position in `chunks`. */
export interface SegmentReader {
  /** Called at once, in the writer's turn, when a chunk was appended or the segment was closed. */
  changed(): void;
  /** The server needs the memory, or gave up on this reader: let go of the segment. */
  cut(): void;
}

/** What became of an appended chunk. */
export type AppendOutcome = 'kept' | 'dropped' | 'too-large' | 'full';

/**
 * An append-only buffer (trickle.md section 7). Its memory is released when it has left the ring and the last
 * reader has gone.
 */
export class Segment implements Evictable {
  readonly seq: number;
  readonly #budget: BufferBudget;
  readonly #maxBytes: number;
  readonly #readers = new Set<SegmentReader>();
  readonly #closeListeners = new Set<() => void>();
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #costBytes = 0;
  #closed = false;
  #inRing = true;

  constructor(seq: number, budget: BufferBudget, maxBytes: number) {
    this.seq = seq;
    this.#budget = budget;
    this.#maxBytes = maxBytes;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  /** Bytes appended so far. */
  get bytes(): number {
    return this.#bytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Keeps `chunk` itself, not a copy. A chunk for a closed segment, or one nobody can read any more, is dropped. */
  append(chunk: Uint8Array): AppendOutcome {
    if (this.#closed || (!this.#inRing && this.#readers.size === 0)) return 'dropped';
    if (this.#bytes + chunk.byteLength > this.#maxBytes) return 'too-large';
    const cost = chunk.byteLength + CHUNK_COST_BYTES;
    if (!this.#budget.take(cost)) return 'full';
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    this.#costBytes += cost;
    for (const reader of this.#readers) reader.changed();
    return 'kept';
  }

  /** No more bytes: readers drain what is there and end. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#closeListeners) listener();
    this.#closeListeners.clear();
    for (const reader of this.#readers) reader.changed();
  }

  /** Calls `listener` once when the segment closes. Returns how to stop listening. */
  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  attach(reader: SegmentReader): void {
    this.#readers.add(reader);
  }

  detach(reader: SegmentReader): void {
    if (this.#readers.delete(reader)) this.#settleMemory();
  }

  /** Its slot was given to another segment, or its channel ended. Attached readers keep it. */
  leaveRing(): void {
    this.#inRing = false;
    this.#settleMemory();
  }

  evict(): void {
    for (const reader of this.#readers) {
      this.#readers.delete(reader);
      reader.cut();
    }
    this.#settleMemory();
  }

  #settleMemory(): void {
    if (this.#inRing) return;
    const held = this.#readers.size > 0;
    this.#budget.setEvictable(this, held);
    if (held) return;
    this.#budget.release(this.#costBytes);
    this.#costBytes = 0;
    this.#chunks = [];
  }
}
