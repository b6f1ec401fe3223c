import type { Clock } from '@lp/runtime';
import { encodeFrame } from '@lp/trickle';
import type { Frame, FrameSink, MediaPort } from '../port/media-port.ts';
import { InputQueue } from './input-queue.ts';
import { LatencyWindow } from './latency-window.ts';
import { StallDetector } from './stall-detector.ts';

/** Somebody who watches the output. */
export interface Viewer {
  /** Gets a frame record. False when the viewer is too slow and this frame was left out for it. */
  show(record: Uint8Array): boolean;
}

/** What the bridge tells its session. */
export interface BridgeListener {
  /** A channel broke off or could not be reached; the bridge tries again by itself. */
  channelTrouble(channel: 'in' | 'out', url: string, cause: string): void;
  /** Pictures come out again after a stall. */
  outputResumed(): void;
}

/** Counters of one session's pictures. */
export interface MediaCounters {
  readonly received: number;
  readonly published: number;
  /** Left out on the way in because newer ones came before they could be sent. */
  readonly droppedInput: number;
  readonly returned: number;
  /** Left out for viewers that did not keep up. */
  readonly droppedOutput: number;
}

/** Settings of a bridge. */
export interface BridgeOptions {
  readonly media: MediaPort;
  readonly channels: { readonly in: string; readonly out: string };
  readonly clock: Clock;
  readonly listener: BridgeListener;
  /** Pictures that may wait for the network. Default 4. */
  readonly queueFrames?: number;
  /** Pause before a broken channel is tried again, in milliseconds. Default 500. */
  readonly retryMs?: number;
}

const STALL_LIMITS = { afterMs: 3000, firstAfterMs: 10_000 };

/** Carries pictures between clients and the channels of one session. Memory stays bounded on both ways. */
export class MediaBridge {
  readonly latency = new LatencyWindow();
  readonly stall = new StallDetector(STALL_LIMITS);
  readonly #options: BridgeOptions;
  readonly #queue: InputQueue<Frame>;
  readonly #viewers = new Set<Viewer>();
  #received = 0;
  #published = 0;
  #returned = 0;
  #droppedOutput = 0;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#queue = new InputQueue(options.queueFrames ?? 4);
  }

  counters(): MediaCounters {
    return {
      received: this.#received,
      published: this.#published,
      droppedInput: this.#queue.dropped,
      returned: this.#returned,
      droppedOutput: this.#droppedOutput,
    };
  }

  /** Takes a picture. Never waits: when the network is slower, older pictures are left out. */
  accept(jpeg: Uint8Array, capturedUs?: bigint): void {
    const nowMs = this.#nowMs();
    const number = this.#received % 0x1_0000_0000;
    this.#received += 1;
    this.latency.sent(number, nowMs);
    this.stall.input(nowMs);
    this.#queue.push({
      number,
      capturedUs: capturedUs ?? BigInt(this.#options.clock.wallMs()) * 1000n,
      jpeg,
    });
  }

  /** Shows every picture that comes out from now on; the result ends it. */
  watch(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    return () => void this.#viewers.delete(viewer);
  }

  /** Looks whether the output has stalled; true once per stall. */
  checkStall(): boolean {
    return this.stall.check(this.#nowMs());
  }

  /** How long the output has been silent, in whole seconds; 0 while nothing is awaited. */
  get stallSeconds(): number {
    return Math.floor(this.stall.waitedMs(this.#nowMs()) / 1000);
  }

  /** Runs both ways until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pumpIn(signal), this.#pumpOut(signal)]);
  }

  async #pumpIn(signal: AbortSignal): Promise<void> {
    const { media, channels } = this.#options;
    let sink: FrameSink | undefined;
    // Ends with the session. A frame that failed is lost: the next one is newer.
    while (!signal.aborted) {
      try {
        const frame = await this.#queue.next(signal);
        sink ??= media.publish(channels.in, signal);
        await sink.write(frame);
        this.#published += 1;
      } catch (error) {
        await closeQuietly(sink);
        sink = undefined;
        await this.#troubled('in', channels.in, error, signal);
      }
    }
    await closeQuietly(sink);
  }

  async #pumpOut(signal: AbortSignal): Promise<void> {
    const { media, channels } = this.#options;
    // Ends with the session. A channel that is over is asked again: only the session's probe decides.
    while (!signal.aborted) {
      try {
        for await (const frame of media.subscribe(channels.out, signal)) this.#show(frame);
        await this.#troubled('out', channels.out, new Error('the channel was closed'), signal);
      } catch (error) {
        await this.#troubled('out', channels.out, error, signal);
      }
    }
  }

  #show(frame: Frame): void {
    this.#returned += 1;
    this.latency.returned(frame.number, this.#nowMs());
    if (this.stall.output()) this.#options.listener.outputResumed();
    if (this.#viewers.size === 0) return;
    const record = encodeFrame(frame);
    for (const viewer of this.#viewers) {
      if (!viewer.show(record)) this.#droppedOutput += 1;
    }
  }

  async #troubled(channel: 'in' | 'out', url: string, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#options.listener.channelTrouble(channel, url, error instanceof Error ? error.message : 'unknown');
    await this.#options.clock.sleep(this.#options.retryMs ?? 500, signal).catch(() => {});
  }

  #nowMs(): number {
    return Number(this.#options.clock.monotonicNs() / 1_000_000n);
  }
}

async function closeQuietly(sink: FrameSink | undefined): Promise<void> {
  // The sink is given up because it failed or the session is over; its own failure adds nothing.
  await sink?.close().catch(() => {});
}
