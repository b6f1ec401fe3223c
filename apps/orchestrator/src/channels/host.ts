/** The trickle server, as far as the registry and the sessions need it. */
export interface ChannelHost {
  /**
   * Creates a channel; nothing happens when it exists. The channels of one owner share a part of the server's buffers.
   *
   * @throws Refusal 503 when the server is full.
   */
  create(channelName: string, mimeType: string, owner?: string): void;
  /** True while the channel exists and is open. */
  isOpen(channelName: string): boolean;
  /** Closes and removes a channel; nothing happens when it does not exist. */
  close(channelName: string): void;
  /** Publishes one whole segment; false when the channel is gone. */
  publish(channelName: string, segment: Uint8Array): boolean;
}
