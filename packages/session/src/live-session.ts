import type { Price, Ratio } from '@lp/pricing';
import type { Clock, Random, Transport } from '@lp/runtime';
import { type SessionApp, sessionApp } from './app-client.ts';
import { stopSession } from './drive/stop.ts';
import { SessionDroppedError, SessionEndedError } from './errors.ts';
import { EventStream } from './event-stream.ts';
import type { SessionEvent, UntimedEvent } from './events.ts';
import { amountWei } from './funding/amount.ts';
import { runwayNs, targetNs } from './funding/runway.ts';
import type { FundingEnd, FundingState } from './funding/state.ts';
import { type Ending, flatReceipt, type Receipt, receiptOf, type SessionIdentity } from './receipt.ts';
import type { FundingSnapshot, Session } from './session.ts';
import { channelEnd } from './watch-channel.ts';

/** What keeps a session alive: the funding of a metered one, the watch of another. */
export interface SessionEngine {
  run(): Promise<FundingEnd>;
  suspect(): void;
  readonly state?: FundingState;
}

/** What a session is made of. */
export interface LiveSessionParts {
  readonly identity: SessionIdentity;
  readonly kind: Session['kind'];
  readonly price: Price | undefined;
  readonly appUrl: string;
  readonly controlUrl: string;
  readonly startNs: bigint;
  /** For a fixed price: what was paid. */
  readonly paidOnce: { readonly tickets: number; readonly wei: Ratio } | undefined;
  /** Lost to other runners while opening. */
  readonly failover: Ratio;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly random: Random;
  readonly onEvent: ((event: SessionEvent) => void) | undefined;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
}

const toMs = (ns: bigint): number => Number(ns / 1_000_000n);

/** The session object: owns its engine's life, its events and its end. */
export class LiveSession implements Session {
  readonly id: string;
  readonly runner: string;
  readonly orchestrator: string;
  readonly price: Price | undefined;
  readonly kind: Session['kind'];
  readonly app: SessionApp;
  readonly controlUrl: string;
  readonly ended: Promise<Receipt>;
  readonly #parts: LiveSessionParts;
  readonly #engine: SessionEngine;
  readonly #events = new EventStream<SessionEvent>();
  readonly #over = new AbortController();
  readonly #closing: AbortController;
  readonly #onAbort = (): void => this.#closing.abort();

  /** `makeEngine` gets the way to tell events; `closing` is the signal that ends the engine. */
  constructor(
    parts: LiveSessionParts,
    closing: AbortController,
    makeEngine: (tell: (event: () => UntimedEvent) => void) => SessionEngine,
  ) {
    const { identity, transport } = parts;
    this.#parts = parts;
    this.#closing = closing;
    this.id = identity.sessionId;
    this.runner = identity.runner;
    this.orchestrator = identity.orchestrator;
    this.price = parts.price;
    this.kind = parts.kind;
    this.controlUrl = parts.controlUrl;
    this.app = sessionApp(parts.appUrl, {
      transport,
      signal: this.#over.signal,
      suspect: () => this.suspect(),
    });
    this.#engine = makeEngine((event) => {
      // Exact amounts cost some arithmetic: not for nobody.
      if (parts.onEvent !== undefined || this.#events.hasReaders) this.#tell(event());
    });
    if (parts.signal?.aborted) closing.abort();
    else parts.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#tell({
      type: 'opened',
      sessionId: this.id,
      runner: this.runner,
      orchestrator: this.orchestrator,
      ...(parts.price === undefined ? {} : { price: parts.price }),
    });
    this.ended = this.#live();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  events(): AsyncIterableIterator<SessionEvent> {
    return this.#events.read();
  }

  funding(): FundingSnapshot | undefined {
    const { state } = this.#engine;
    if (state === undefined) return undefined;
    const nowNs = this.#parts.clock.monotonicNs();
    const { totals, config } = state;
    return {
      runwayMs: toMs(runwayNs(state, nowNs)),
      targetMs: toMs(targetNs(state)),
      paidWei: amountWei(totals.acknowledged, config.tariff),
      lostWei: amountWei(totals.lost, config.tariff),
      payments: totals.payments,
      tickets: totals.tickets,
      skips: totals.skips,
      failing: state.paymentsFailing,
      connectionLost: state.orchestratorDown,
    };
  }

  watchChannel(url: string): void {
    const { transport, clock, random } = this.#parts;
    const signal = this.#over.signal;
    void channelEnd(url, { transport, clock, random, signal }).then((reason) => {
      if (signal.aborted) return;
      this.#tell({ type: 'channel-closed', url, reason });
      this.suspect();
    });
  }

  suspect(): void {
    if (!this.#over.signal.aborted) this.#engine.suspect();
  }

  close(): Promise<Receipt> {
    this.#closing.abort();
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #live(): Promise<Receipt> {
    const end = await this.#run();
    const { clock } = this.#parts;
    const nowNs = clock.monotonicNs();
    if (end.reason === 'dropped') {
      this.#tell({ type: 'dropped', reason: end.dropReason, message: end.message });
    } else {
      // What cannot be stopped ends by itself, with its credit.
      await stopSession(this.controlUrl, this.#parts).catch(() => false);
    }
    this.#parts.signal?.removeEventListener('abort', this.#onAbort);
    const receipt = this.#receipt(end, nowNs);
    this.#tell({ type: 'closed', reason: receipt.reason, receipt });
    this.#events.close();
    this.#over.abort(
      end.reason === 'dropped'
        ? new SessionDroppedError(end.message, end.dropReason)
        : new SessionEndedError(end.reason, end.message, { cause: end.cause }),
    );
    return receipt;
  }

  /** A defect of the engine ends the session too: it must not leave a runner reserved and unpaid. */
  async #run(): Promise<FundingEnd> {
    try {
      // The caller gets the session before the first payment is made.
      await Promise.resolve();
      return await this.#engine.run();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'funding failed';
      return { reason: 'failed', message: `funding failed: ${message}`, cause };
    }
  }

  #receipt(end: FundingEnd, nowNs: bigint): Receipt {
    const { identity, clock, startNs, price, paidOnce, failover } = this.#parts;
    const ending: Ending = {
      reason: end.reason,
      message: end.message,
      closedMs: clock.wallMs(),
      ...(end.dropReason === undefined ? {} : { dropReason: end.dropReason }),
    };
    const { state } = this.#engine;
    const receipt =
      state === undefined
        ? flatReceipt(
            identity,
            ending,
            nowNs - startNs,
            price === undefined || paidOnce === undefined ? undefined : { price, ...paidOnce },
          )
        : receiptOf(identity, ending, state, nowNs);
    return failover.n === 0n ? receipt : { ...receipt, failover };
  }

  /** A callback that throws is the caller's defect: it must not end the session. */
  #tell(event: UntimedEvent): void {
    const timed = { ...event, atMs: this.#parts.clock.wallMs() } as SessionEvent; // `atMs` is all that was left out
    this.#events.publish(timed);
    try {
      this.#parts.onEvent?.(timed);
    } catch {
      // Nobody else could be told.
    }
  }
}
