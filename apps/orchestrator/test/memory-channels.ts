import type { ChannelHost } from '../src/channels/host.ts';

/** A channel host in memory that keeps what was published. */
export class MemoryChannels implements ChannelHost {
  readonly open = new Map<string, { mimeType: string; segments: string[] }>();

  create(channelName: string, mimeType: string): void {
    if (!this.open.has(channelName)) this.open.set(channelName, { mimeType, segments: [] });
  }

  isOpen(channelName: string): boolean {
    return this.open.has(channelName);
  }

  close(channelName: string): void {
    this.open.delete(channelName);
  }

  publish(channelName: string, segment: Uint8Array): boolean {
    const channel = this.open.get(channelName);
    channel?.segments.push(new TextDecoder().decode(segment));
    return channel !== undefined;
  }
}
