import type { Clock } from '@lp/runtime';
import { MediaBridge } from '../media/media-bridge.ts';
import type { MediaPort } from '../port/media-port.ts';
import type { PaidSession, Receipt } from '../port/session-port.ts';
import type { Channels } from './channels.ts';
import type { EventLog } from './event-log.ts';
import type { Faults } from './faults.ts';
import { Narrator } from './narrator.ts';

/** Life of a session: one way, `open` to `closed`. */
export type SessionState = 'open' | 'closing' | 'closed';

/** What makes up a session. */
export interface GatewaySessionParts {
  readonly id: string;
  /** Identity of the API key that opened it; null without keys. */
  readonly owner: string | null;
  readonly app: string;
  readonly maxSpendWei: bigint | null;
  readonly paid: PaidSession;
  readonly channels: Channels;
  readonly media: MediaPort;
  readonly clock: Clock;
}

/** How often the session is looked at, in milliseconds: bounds how late a stall or idleness is noticed. */
const TICK_MS = 500;
/** At most one report of channel trouble in this time, in milliseconds. */
const REPORT_EVERY_MS = 1000;

/** One session of a caller: the paid session, its pictures, its events and its faults. */
export class GatewaySession {
  readonly parts: GatewaySessionParts;
  /** Its log and its faults. */
  readonly narrator: Narrator;
  readonly bridge: MediaBridge;
  readonly openedAtMs: number;
  readonly #stop = new AbortController();
  #state: SessionState = 'open';
  #receipt: Receipt | undefined;
  #closeReason: string | undefined;
  #clients = 0;
  #touchedMs: number;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #followed: Promise<void> = Promise.resolve();

  constructor(parts: GatewaySessionParts) {
    this.parts = parts;
    this.openedAtMs = parts.clock.wallMs();
    this.#touchedMs = this.#nowMs();
    this.narrator = new Narrator({
      clock: parts.clock,
      funding: () => parts.paid.funding(),
      isOpen: () => this.#state === 'open',
    });
    this.bridge = new MediaBridge({
      media: parts.media,
      channels: parts.channels,
      clock: parts.clock,
      listener: {
        channelTrouble: (_channel, url) => this.#reportTrouble(url),
        outputResumed: () => this.narrator.outputResumed(),
      },
    });
  }

  get log(): EventLog {
    return this.narrator.log;
  }

  get faults(): Faults {
    return this.narrator.faults;
  }

  get state(): SessionState {
    return this.#state;
  }

  get receipt(): Receipt | undefined {
    return this.#receipt;
  }

  /** Why it closed; known once it is closing. A reason of ours, such as `idle`, stands before the receipt's. */
  get closeReason(): string | undefined {
    return this.#closeReason ?? this.#receipt?.reason;
  }

  get clients(): number {
    return this.#clients;
  }

  /** Milliseconds since somebody last showed interest; 0 while a client is connected. */
  idleMs(): number {
    return this.#clients > 0 ? 0 : this.#nowMs() - this.#touchedMs;
  }

  /** Somebody asked for this session. */
  touch(): void {
    this.#touchedMs = this.#nowMs();
  }

  /** A socket or event stream is connected until the result is called. */
  attach(): () => void {
    this.#clients += 1;
    let attached = true;
    return () => {
      if (!attached) return;
      attached = false;
      this.#clients -= 1;
      this.touch();
    };
  }

  /** Runs until the session has ended. Never rejects: every failure becomes an event or the receipt. */
  async run(idleLimitMs: number): Promise<void> {
    this.narrator.note('opened', { app: this.parts.app, orchestrator: this.parts.paid.orchestrator });
    this.#followed = this.#follow();
    await Promise.all([
      this.bridge.run(this.#stop.signal),
      this.#followed,
      this.#tick(idleLimitMs),
      this.#settle(),
    ]);
  }

  /** Closes and gives the receipt; every call gives the same one. `reason` of the first call is kept. */
  async close(reason: string): Promise<Receipt> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#closeReason = reason;
    }
    const receipt = await this.parts.paid.close();
    await this.#end(receipt);
    return receipt;
  }

  async #settle(): Promise<void> {
    await this.#end(await this.parts.paid.ended);
  }

  async #end(receipt: Receipt): Promise<void> {
    // The session's own events end with it: what they say stands before `closed`.
    await this.#followed;
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#receipt = receipt;
    this.narrator.note('closed', { reason: this.closeReason });
    this.#stop.abort(new Error('the session is closed'));
  }

  /** Ends when the session's own events end. */
  async #follow(): Promise<void> {
    try {
      for await (const event of this.parts.paid.events()) this.narrator.told(event);
    } catch (error) {
      this.narrator.note('events-lost', { cause: error instanceof Error ? error.message : 'unknown' });
    }
  }

  /** Ends with the session. */
  async #tick(idleLimitMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.bridge.checkStall()) {
        this.narrator.outputStalled(this.bridge.stallSeconds);
        this.#reportTrouble(this.parts.channels.out);
      }
      if (this.#state === 'open' && this.idleMs() >= idleLimitMs) {
        // The receipt arrives through `ended`; a close that fails is reported there too.
        this.close('idle').catch(() => {});
      }
      await this.parts.clock.sleep(TICK_MS, this.#stop.signal).catch(() => {});
    }
  }

  #reportTrouble(url: string): void {
    const nowMs = this.#nowMs();
    if (this.#state !== 'open' || nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.parts.paid.reportChannelTrouble(url);
  }

  #nowMs(): number {
    return Number(this.parts.clock.monotonicNs() / 1_000_000n);
  }
}
