import type { Clock } from '@lp/runtime';
import type { Funding, PortEvent } from '../port/session-port.ts';
import { EventLog } from './event-log.ts';
import { type Fault, Faults } from './faults.ts';

/** What a narrator looks at. */
export interface NarratorParts {
  readonly clock: Clock;
  readonly funding: () => Funding;
  /** Faults are only raised while the session is open: a closing one has none that matter. */
  readonly isOpen: () => boolean;
}

/** Turns what happens to a session into its log and its faults, in the words of docs/gateway.md. */
export class Narrator {
  readonly log = new EventLog();
  readonly faults = new Faults();
  readonly #parts: NarratorParts;
  #signerLost = false;

  constructor(parts: NarratorParts) {
    this.#parts = parts;
  }

  note(type: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.log.add(this.#parts.clock.wallMs(), type, data);
  }

  /** The session itself said something. */
  told(event: PortEvent): void {
    switch (event.type) {
      case 'payment':
      case 'payment-recovered':
        this.#clear('payment-failed', 'payment-recovered');
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
        this.#clear('connection-lost', 'connection-restored');
        return;
      case 'not-ready':
        this.#raise('not-ready', 'the runner is not ready');
        this.#explainStall('runner-not-ready');
        return;
      case 'probe':
        if (event.alive) this.#clear('not-ready', 'ready');
        this.#explainStall(event.alive ? 'runner-silent' : 'session-ended');
        return;
      case 'remark':
        this.note(event.what, { message: event.message });
        return;
      case 'dropped':
        this.note('dropped', { reason: event.reason });
        return;
    }
  }

  /** No picture has come out for so many seconds. */
  outputStalled(silentSeconds: number): void {
    const { faults } = this;
    const lost = faults.has('connection-lost');
    const cause = lost ? 'orchestrator-unreachable' : faults.has('not-ready') ? 'runner-not-ready' : null;
    this.#raise('output-stalled', cause, { seconds: silentSeconds });
  }

  outputResumed(): void {
    this.#clear('output-stalled', 'output-resumed');
  }

  /** The signer cannot be reached, as seen from outside the session. */
  signerLost(cause: string): void {
    const { runwayMs } = this.#parts.funding();
    if (runwayMs === null || !this.#parts.isOpen() || this.faults.has('payment-failed')) return;
    this.#signerLost = true;
    this.told({ type: 'payment-failed', runwayMs, cause });
  }

  /** The signer answers again: ends what `signerLost` began. */
  signerBack(): void {
    if (this.#signerLost) this.told({ type: 'payment-recovered' });
    this.#signerLost = false;
  }

  /** Adds the cause to a stall, once it is known. */
  #explainStall(cause: string): void {
    if (this.faults.has('output-stalled')) this.#raise('output-stalled', cause);
  }

  #raise(fault: Fault, cause: string | null, data: Readonly<Record<string, unknown>> = {}): void {
    if (this.#parts.isOpen() && this.faults.raise(fault, cause)) this.note(fault, { ...data, cause });
  }

  #clear(fault: Fault, word: string): void {
    if (this.faults.clear(fault)) this.note(word);
  }

  #notePayment(): void {
    const { paidWei, payments, tickets, runwayMs } = this.#parts.funding();
    const runwaySeconds = runwayMs === null ? null : seconds(runwayMs);
    this.note('payment', { paidWei: `${paidWei}`, payments, tickets, runwaySeconds });
  }
}

/** Milliseconds as seconds with one decimal place, rounded down and not below 0: a runway is never shown too long. */
export function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 100) / 10);
}
