import type { BufferBudget } from './budget.ts';
import { Segment } from './segment.ts';

/** Segment slots of a channel (trickle.md section 1). */
export const RING_SEGMENTS = 5;

/** Why a channel ended. */
export type ChannelEnd = 'deleted' | 'idle' | 'server-closed';

/** What a channel needs from its server. */
export interface ChannelPorts {
  readonly budget: BufferBudget;
  readonly segmentBytes: number;
  nowNs(): bigint;
}

/** A named stream of numbered segments: the ring and the sequence rules of trickle.md sections 1, 3.1 and 4.1. */
export class Channel {
  readonly name: string;
  readonly contentType: string;
  readonly owner: string | undefined;
  readonly #ports: ChannelPorts;
  readonly #ring: (Segment | undefined)[] = Array.from({ length: RING_SEGMENTS });
  #nextWrite = 0;
  #writtenNs: bigint;
  #end: ChannelEnd | undefined;

  constructor(name: string, contentType: string, owner: string | undefined, ports: ChannelPorts) {
    this.name = name;
    this.contentType = contentType;
    this.owner = owner;
    this.#ports = ports;
    this.#writtenNs = ports.nowNs();
  }

  /** Number of the segment that comes next. */
  get nextWrite(): number {
    return this.#nextWrite;
  }

  /** Monotonic time of the last sign of life (section 5): creation, first bytes, empty writes. */
  get writtenNs(): bigint {
    return this.#writtenNs;
  }

  /** Why it ended; undefined while it is open. */
  get end(): ChannelEnd | undefined {
    return this.#end;
  }

  /** Segment `seq` if the ring still holds it. */
  segment(seq: number): Segment | undefined {
    const held = this.#ring[seq % RING_SEGMENTS];
    return held?.seq === seq ? held : undefined;
  }

  /** The segment a POST writes to; a number is not checked against its neighbours. Closes what it replaces. */
  openForWrite(seq: number): Segment {
    const held = this.#ring[seq % RING_SEGMENTS];
    if (held?.seq === seq) return held;
    held?.close();
    return this.#place(seq);
  }

  /** The segment a GET reads, made ahead of its writer where the rules allow; undefined means 470. */
  openForRead(seq: number): Segment | undefined {
    const held = this.segment(seq);
    if (held !== undefined) return held;
    const isNext = seq === this.#nextWrite || (this.#nextWrite === 0 && seq === 1);
    // What this replaces is not closed: its writer may still be serving attached readers.
    return isNext && this.#end === undefined ? this.#place(seq) : undefined;
  }

  /** The first byte of `seq` has come, or it ended empty. Assigned, not maximised: a late write moves it back. */
  advance(seq: number): void {
    this.#nextWrite = seq + 1;
    this.#writtenNs = this.#ports.nowNs();
  }

  /** A publisher restarted at `seq`: ends everything before it, so that nobody waits for the earlier publisher. */
  resetBefore(seq: number): void {
    for (const held of this.#ring) {
      if (held !== undefined && held.seq < seq) held.close();
    }
  }

  /** Ends every segment. Attached readers drain theirs. */
  close(end: ChannelEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const [slot, held] of this.#ring.entries()) {
      this.#ring[slot] = undefined;
      held?.close();
      held?.leaveRing();
    }
  }

  #place(seq: number): Segment {
    const slot = seq % RING_SEGMENTS;
    this.#ring[slot]?.leaveRing();
    const segment = new Segment(seq, this.#ports.budget, this.#ports.segmentBytes);
    this.#ring[slot] = segment;
    return segment;
  }
}
