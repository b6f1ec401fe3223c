import type { Clock } from '@lp/runtime';
import { MediaBridge } from '../media/media-bridge.ts';
import type { MediaPort } from '../port/media-port.ts';
import type { PaidSession, PortEvent, Receipt } from '../port/session-port.ts';
import type { Channels } from './channels.ts';
import { EventLog } from './event-log.ts';
import { Faults } from './faults.ts';

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
  readonly log = new EventLog();
  readonly faults = new Faults();
  readonly bridge: MediaBridge;
  readonly openedAtMs: number;
  readonly #stop = new AbortController();
  #state: SessionState = 'open';
  #receipt: Receipt | undefined;
  #closeReason: string | undefined;
  #clients = 0;
  #touchedMs: number;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #signerLost = false;
  #followed: Promise<void> = Promise.resolve();

  constructor(parts: GatewaySessionParts) {
    this.parts = parts;
    this.openedAtMs = parts.clock.wallMs();
    this.#touchedMs = this.#nowMs();
    this.bridge = new MediaBridge({
      media: parts.media,
      channels: parts.channels,
      clock: parts.clock,
      listener: {
        channelTrouble: (_channel, url) => this.#reportTrouble(url),
        outputResumed: () => {
          if (this.faults.clear('output-stalled')) this.#note('output-resumed');
        },
      },
    });
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
    this.#note('opened', { app: this.parts.app, orchestrator: this.parts.paid.orchestrator });
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
    this.#note('closed', { reason: this.closeReason });
    this.#stop.abort(new Error('the session is closed'));
  }

  /** Ends when the session's own events end. */
  async #follow(): Promise<void> {
    try {
      for await (const event of this.parts.paid.events()) this.#onEvent(event);
    } catch (error) {
      this.#note('events-lost', { cause: error instanceof Error ? error.message : 'unknown' });
    }
  }

  /** Ends with the session. */
  async #tick(idleLimitMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.bridge.checkStall()) {
        this.#raise('output-stalled', this.#knownCause(), { seconds: this.bridge.stallSeconds });
        this.#reportTrouble(this.parts.channels.out);
      }
      if (this.#state === 'open' && this.idleMs() >= idleLimitMs) {
        // The receipt arrives through `ended`; a close that fails is reported there too.
        this.close('idle').catch(() => {});
      }
      await this.parts.clock.sleep(TICK_MS, this.#stop.signal).catch(() => {});
    }
  }

  /** The signer cannot be reached, as seen from outside the session. */
  signerLost(cause: string): void {
    const { runwayMs } = this.parts.paid.funding();
    if (runwayMs === null || this.#state !== 'open' || this.faults.has('payment-failed')) return;
    this.#signerLost = true;
    this.#onEvent({ type: 'payment-failed', runwayMs, cause });
  }

  /** The signer answers again: ends what `signerLost` began. */
  signerBack(): void {
    if (this.#signerLost) this.#onEvent({ type: 'payment-recovered' });
    this.#signerLost = false;
  }

  #onEvent(event: PortEvent): void {
    switch (event.type) {
      case 'payment':
      case 'payment-recovered':
        if (this.faults.clear('payment-failed')) this.#note('payment-recovered');
        if (event.type === 'payment') this.#notePayment();
        return;
      case 'payment-failed':
        this.#raise('payment-failed', event.cause, { runwaySeconds: seconds(event.runwayMs) });
        return;
      case 'connection-lost':
        this.#raise('connection-lost', event.cause);
        this.#explainStall('orchestrator-unreachable');
        return;
      case 'connection-restored':
        if (this.faults.clear('connection-lost')) this.#note('connection-restored');
        return;
      case 'not-ready':
        this.#raise('not-ready', 'the runner is not ready');
        this.#explainStall('runner-not-ready');
        return;
      case 'probe':
        if (event.alive && this.faults.clear('not-ready')) this.#note('ready');
        this.#explainStall(event.alive ? 'runner-silent' : 'session-ended');
        return;
      case 'remark':
        this.#note(event.what, { message: event.message });
        return;
      case 'dropped':
        this.#note('dropped', { reason: event.reason });
        return;
    }
  }

  /** What other faults already say about missing output. */
  #knownCause(): string | null {
    if (this.faults.has('connection-lost')) return 'orchestrator-unreachable';
    return this.faults.has('not-ready') ? 'runner-not-ready' : null;
  }

  /** Adds the cause to a stall, once it is known. */
  #explainStall(cause: string): void {
    if (this.faults.has('output-stalled')) this.#raise('output-stalled', cause);
  }

  #raise(
    fault: Parameters<Faults['raise']>[0],
    cause: string | null,
    data: Record<string, unknown> = {},
  ): void {
    if (this.#state === 'open' && this.faults.raise(fault, cause)) this.#note(fault, { ...data, cause });
  }

  #notePayment(): void {
    const { paidWei, payments, tickets, runwayMs } = this.parts.paid.funding();
    this.#note('payment', {
      paidWei: `${paidWei}`,
      payments,
      tickets,
      runwaySeconds: runwayMs === null ? null : seconds(runwayMs),
    });
  }

  #reportTrouble(url: string): void {
    const nowMs = this.#nowMs();
    if (this.#state !== 'open' || nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.parts.paid.reportChannelTrouble(url);
  }

  #note(type: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.log.add(this.parts.clock.wallMs(), type, data);
  }

  #nowMs(): number {
    return Number(this.parts.clock.monotonicNs() / 1_000_000n);
  }
}

/** Milliseconds as seconds with one decimal place, rounded down: a runway is never shown longer than it is. */
export function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 100) / 10);
}
