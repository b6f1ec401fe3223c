/** One picture with its place in time. */
export interface Frame {
  readonly number: number;
  /** When it was taken, in microseconds since 1970 on the clock of whoever took it. */
  readonly capturedUs: bigint;
  readonly jpeg: Uint8Array;
}

/** Writes frames into a channel. */
export interface FrameSink {
  /** Resolves when the frame was handed to the connection: wait for it, or frames pile up. */
  write(frame: Frame): Promise<void>;
  /** Lets go of the connection; the channel stays. */
  close(): Promise<void>;
}

/** Frames over channels: `@lp/trickle` in production, memory in tests. */
export interface MediaPort {
  publish(url: string, signal: AbortSignal): FrameSink;
  /** Ends when the channel is over, throws when the connection is. */
  subscribe(url: string, signal: AbortSignal): AsyncIterable<Frame>;
}
