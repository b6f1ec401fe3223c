import { type Clock, systemClock } from '@lp/runtime';
import { BufferBudget } from './budget.ts';
import { Channel, type ChannelEnd, type ChannelPorts } from './channel.ts';
import { ChannelRefusedError, LocalWriteError } from './errors.ts';
import { DEFAULT_LIMITS, type TrickleLimits } from './limits.ts';
import { LocalPublisher } from './local-publisher.ts';
import { type LocalSubscribeOptions, LocalSubscription } from './local-subscription.ts';

/** What others may know of a channel. */
export interface ChannelInfo {
  readonly name: string;
  /** MIME type of its segments. */
  readonly contentType: string;
  /** Who it was created for; undefined when nobody said. */
  readonly owner: string | undefined;
  /** Number of the segment that comes next. */
  readonly nextWrite: number;
}

/** How a server behaves. Defaults are those of an orchestrator (trickle.md section 2). */
export interface TrickleServerOptions {
  readonly clock?: Clock;
  /** Milliseconds without a sign of life after which a channel is closed. Default 5 minutes. */
  readonly idleMs?: number;
  /** Milliseconds between looks for idle channels and stuck readers. Default 1 minute. */
  readonly sweepMs?: number;
  /** Lets HTTP callers create channels. Default false. */
  readonly autocreate?: boolean;
  /** Publishes additions and removals on channel `_changes`. Default false. */
  readonly changefeed?: boolean;
  readonly limits?: Partial<TrickleLimits>;
  /** Called after a channel has ended, whatever ended it. Must not throw. */
  readonly onChannelClosed?: (channel: ChannelInfo, end: ChannelEnd) => void;
}

/** Name of the changefeed channel (trickle.md section 5). */
const CHANGEFEED = '_changes';

const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** The channels of one server: create, close, sweep, and local access. HTTP comes from `trickleRoutes`. */
export class TrickleServer implements AsyncDisposable {
  readonly clock: Clock;
  readonly autocreate: boolean;
  readonly #limits: TrickleLimits;
  readonly #idleNs: bigint;
  readonly #onChannelClosed: TrickleServerOptions['onChannelClosed'];
  readonly #channels = new Map<string, Channel>();
  /** Readers whose connection takes no more bytes, and since when. */
  readonly #blocked = new Map<{ cut(): void }, bigint>();
  readonly #budget: BufferBudget;
  /** Shares of the budget, while their owners have channels. */
  readonly #owners = new Map<string, { readonly budget: BufferBudget; channels: number }>();
  readonly #stop = new AbortController();
  readonly #sweeping: Promise<void>;
  #changes: LocalPublisher | undefined;

  constructor(options: TrickleServerOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.autocreate = options.autocreate ?? false;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#idleNs = BigInt(options.idleMs ?? 300_000) * 1_000_000n;
    this.#onChannelClosed = options.onChannelClosed;
    this.#budget = new BufferBudget(this.#limits.bufferedBytes);
    if (options.changefeed) {
      this.#changes = new LocalPublisher(this.#add(CHANGEFEED, 'application/json', undefined));
      this.#announce('added', CHANGEFEED);
    }
    this.#sweeping = this.#sweepUntilStopped(options.sweepMs ?? 60_000);
  }

  /**
   * Creates a channel, or gives the one that exists. Throws `ChannelRefusedError`; 'name-taken' when it exists for
   * another owner.
   */
  create(name: string, options: { contentType?: string; owner?: string } = {}): ChannelInfo {
    const existing = this.#channels.get(name);
    if (existing !== undefined) {
      if (existing.owner === options.owner) return existing;
      throw new ChannelRefusedError('name-taken', 'the channel exists and belongs to another owner');
    }
    if (this.#stop.signal.aborted) throw new ChannelRefusedError('server-closed', 'the server is closed');
    if (!this.isValidName(name)) throw new ChannelRefusedError('invalid-name', 'not a usable channel name');
    if (this.#channels.size >= this.#limits.channels) {
      throw new ChannelRefusedError('too-many-channels', 'no more channels; close some or raise the limit');
    }
    const channel = this.#add(name, options.contentType ?? DEFAULT_CONTENT_TYPE, options.owner);
    this.#announce('added', name);
    return channel;
  }

  /** The open channel of that name. */
  channel(name: string): ChannelInfo | undefined {
    return this.#channels.get(name);
  }

  /** Closes and removes a channel. False when there is none. */
  delete(name: string): boolean {
    const channel = this.#channels.get(name);
    if (channel === undefined) return false;
    this.#remove(channel, 'deleted');
    return true;
  }

  /** Closes and removes every channel that `matches`, for example all of one owner. Gives their number. */
  closeWhere(matches: (channel: ChannelInfo) => boolean): number {
    const chosen = [...this.#channels.values()].filter(matches);
    for (const channel of chosen) this.#remove(channel, 'deleted');
    return chosen.length;
  }

  /** Writes to a channel from inside the process; undefined when there is none. */
  publish(name: string): LocalPublisher | undefined {
    const channel = this.#channels.get(name);
    return channel && new LocalPublisher(channel);
  }

  /** Reads a channel from inside the process; undefined when there is none. */
  subscribe(name: string, options: LocalSubscribeOptions = {}): LocalSubscription | undefined {
    const channel = this.#channels.get(name);
    return channel && new LocalSubscription(channel, options);
  }

  /** Counts for metrics. */
  stats(): { readonly channels: number; readonly bufferedBytes: number; readonly blockedReaders: number } {
    return {
      channels: this.#channels.size,
      bufferedBytes: this.#budget.usedBytes,
      blockedReaders: this.#blocked.size,
    };
  }

  /** Closes every channel: waiting readers and writers are answered. Safe to call twice. */
  async close(): Promise<void> {
    // Not announced: the changefeed ends with the rest (section 5).
    this.#changes = undefined;
    this.#stop.abort();
    for (const channel of this.#channels.values()) this.#remove(channel, 'server-closed');
    await this.#sweeping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For the HTTP routes: the channel with its ring. */
  open(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** For the HTTP routes: notes that a reader's connection takes no more bytes, or that it does again. */
  setBlocked(reader: { cut(): void }, blocked: boolean): void {
    if (blocked) this.#blocked.set(reader, this.clock.monotonicNs());
    else this.#blocked.delete(reader);
  }

  /** For the HTTP routes: whether a channel may have this name. Control characters never; bounded length. */
  isValidName(name: string): boolean {
    return (
      name !== '' &&
      name.length <= this.#limits.nameBytes &&
      Buffer.byteLength(name) <= this.#limits.nameBytes &&
      !/\p{Cc}/u.test(name)
    );
  }

  #add(name: string, contentType: string, owner: string | undefined): Channel {
    const ports: ChannelPorts = {
      budget: owner === undefined ? this.#budget : this.#shareOf(owner),
      segmentBytes: this.#limits.segmentBytes,
      nowNs: () => this.clock.monotonicNs(),
    };
    const channel = new Channel(name, contentType, owner, ports);
    this.#channels.set(name, channel);
    return channel;
  }

  #shareOf(owner: string): BufferBudget {
    const known = this.#owners.get(owner);
    if (known !== undefined) {
      known.channels += 1;
      return known.budget;
    }
    const budget = new BufferBudget(this.#limits.ownerBytes, this.#budget);
    this.#owners.set(owner, { budget, channels: 1 });
    return budget;
  }

  #endShare(owner: string): void {
    const share = this.#owners.get(owner);
    if (share === undefined) return;
    share.channels -= 1;
    if (share.channels === 0) this.#owners.delete(owner);
  }

  #remove(channel: Channel, end: ChannelEnd): void {
    this.#channels.delete(channel.name);
    channel.close(end);
    if (channel.owner !== undefined) this.#endShare(channel.owner);
    if (channel.name === CHANGEFEED) this.#changes = undefined;
    this.#announce('removed', channel.name);
    this.#onChannelClosed?.(channel, end);
  }

  #announce(change: 'added' | 'removed', name: string): void {
    try {
      this.#changes?.send(JSON.stringify({ [change]: [name] }));
    } catch (error) {
      // Full buffers, or a stranger who writes to the feed: a lost announcement must not fail the change itself.
      if (!(error instanceof LocalWriteError)) throw error;
    }
  }

  async #sweepUntilStopped(sweepMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.clock.sleep(sweepMs, this.#stop.signal);
      } catch {
        // The only rejection is the stop itself.
        return;
      }
      this.#sweep();
    }
  }

  #sweep(): void {
    const oldestNs = this.clock.monotonicNs() - this.#idleNs;
    for (const channel of this.#channels.values()) {
      if (channel.writtenNs < oldestNs && !channel.name.startsWith('_')) this.#remove(channel, 'idle');
    }
    for (const [reader, sinceNs] of this.#blocked) {
      if (sinceNs < oldestNs) reader.cut();
    }
  }
}

/** Starts a server without channels. Close it: it sweeps until then. */
export const createTrickleServer = (options: TrickleServerOptions = {}): TrickleServer =>
  new TrickleServer(options);
