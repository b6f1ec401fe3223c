/** Why a channel was not created. */
export type ChannelRefusal = 'invalid-name' | 'name-taken' | 'too-many-channels' | 'server-closed';

/** A channel was not created. */
export class ChannelRefusedError extends Error {
  override readonly name = 'ChannelRefusedError';
  readonly code: ChannelRefusal;

  constructor(code: ChannelRefusal, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a local write failed. */
export type LocalWriteFailure =
  /** The channel is over. Stop publishing. */
  | 'channel-closed'
  /** Somebody else wrote this segment. One writer per channel. */
  | 'segment-exists'
  /** The segment was closed, by its writer or by a reset. Go on with the next one. */
  | 'segment-closed'
  /** A limit of the server. */
  | 'segment-too-large'
  | 'buffer-full';

/** A local write was not taken. */
export class LocalWriteError extends Error {
  override readonly name = 'LocalWriteError';
  readonly code: LocalWriteFailure;

  constructor(code: LocalWriteFailure) {
    super(`local trickle write failed: ${code}`);
    this.code = code;
  }
}
