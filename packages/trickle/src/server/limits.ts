/** Bounds on what peers can make the server hold. */
export interface TrickleLimits {
  /** Channels at one time. Default 1024. */
  readonly channels: number;
  /** Bytes of one segment. Default 16 MiB. A write beyond is answered 413 and ends the segment. */
  readonly segmentBytes: number;
  /**
   * Bytes of all segments that can still be read, over all channels, with a small charge for each chunk. Default
   * 512 MiB. When it is reached, readers of segments that have left the ring are cut off first; then writes are
   * answered 503.
   */
  readonly bufferedBytes: number;
  /** The same for all channels of one owner, so that one cannot take the buffers of the others. Default 128 MiB. */
  readonly ownerBytes: number;
  /** UTF-8 bytes of a channel name. Default 256. */
  readonly nameBytes: number;
}

export const DEFAULT_LIMITS: TrickleLimits = {
  channels: 1024,
  segmentBytes: 16 * 1_048_576,
  bufferedBytes: 512 * 1_048_576,
  ownerBytes: 128 * 1_048_576,
  nameBytes: 256,
};
