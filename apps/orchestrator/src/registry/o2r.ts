import type { Clock } from '@lp/runtime';
import type { ChannelHost } from '../channels/host.ts';

const KEEPALIVE_MS = 10_000;
const MIME_TYPE = 'application/json';

/** The orchestrator's channel to one runner: which sessions were reserved and released (live-runner.md section 4.3). */
export class O2rChannel {
  readonly channelName: string;
  readonly #host: ChannelHost;
  readonly #clock: Clock;
  readonly #stop = new AbortController();

  constructor(input: { channelName: string; host: ChannelHost; clock: Clock }) {
    this.channelName = input.channelName;
    this.#host = input.host;
    this.#clock = input.clock;
    this.#host.create(this.channelName, MIME_TYPE);
    void this.#keepAlive(); // ends with close(), or when the channel is gone; never rejects
  }

  /** Descriptor for the heartbeat reply, under the base URL that runners use. */
  describe(trickleBaseUrl: string): { name: string; channel_name: string; url: string; mime_type: string } {
    const url = `${trickleBaseUrl}/${encodeURIComponent(this.channelName)}`;
    return { name: 'o2r', channel_name: this.channelName, url, mime_type: MIME_TYPE };
  }

  /** Tells the runner about one of its sessions. */
  announce(event: 'reserved' | 'released', session: string): void {
    this.#send({ event, session, timestamp: new Date(this.#clock.wallMs()).toISOString() });
  }

  /** Closes the channel: to the runner this means that all its sessions are gone. */
  close(): void {
    this.#stop.abort();
    this.#host.close(this.channelName);
  }

  #send(message: Record<string, string>): boolean {
    return this.#host.publish(this.channelName, new TextEncoder().encode(JSON.stringify(message)));
  }

  async #keepAlive(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const slept = await this.#clock.sleep(KEEPALIVE_MS, this.#stop.signal).then(
        () => true,
        () => false,
      );
      if (!slept || !this.#send({ keep: 'alive' })) return;
    }
  }
}
