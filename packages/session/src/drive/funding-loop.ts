import { decide, type FundingAction } from '../funding/decide.ts';
import { advance, type FundingEvent } from '../funding/machine.ts';
import { attemptNs } from '../funding/runway.ts';
import type { FundingEnd, FundingNote, FundingState } from '../funding/state.ts';
import { checkpointOf, type SessionPlace } from '../resume/checkpoint.ts';
import { Gate } from './gate.ts';
import { deliver, mint, probe } from './perform.ts';
import type { FundingPorts } from './ports.ts';
import { refreshTerms } from './refresh.ts';

const NS_PER_MS = 1_000_000n;

/** Told of everything that happens; the state is that after it. */
export type FundingListener = (note: FundingNote | { readonly kind: 'polled' }, state: FundingState) => void;

/**
 * Runs the funding of one session: asks the pure core what to do, does it, tells it the outcome. One action at a time,
 * so that never two attempts of a payment are under way. Ends when the core ends, or with `closed` on the signal.
 */
export class FundingLoop {
  readonly #ports: FundingPorts;
  readonly #listener: FundingListener;
  readonly #gate: Gate;
  #state: FundingState;
  /** The payment that was made durable last. */
  #stored: string | undefined;

  constructor(state: FundingState, ports: FundingPorts, listener: FundingListener) {
    this.#state = state;
    this.#ports = ports;
    this.#listener = listener;
    this.#gate = new Gate(ports.clock);
    ports.signal.addEventListener('abort', () => this.#gate.wake(), { once: true });
  }

  get state(): FundingState {
    return this.#state;
  }

  /** Something looks like the end of the session: probe at once. */
  suspect(): void {
    this.#advance({ kind: 'suspected' });
    this.#gate.wake();
  }

  async run(): Promise<FundingEnd> {
    const { clock, signal } = this.#ports;
    for (;;) {
      if (signal.aborted)
        this.#advance({ kind: 'ended', end: { reason: 'closed', message: 'closed by the caller' } });
      const action = decide(this.#state, clock.monotonicNs());
      if (action.kind === 'end') return action.end;
      await this.#perform(action);
    }
  }

  async #perform(action: Exclude<FundingAction, { kind: 'end' }>): Promise<void> {
    const ports = this.#ports;
    switch (action.kind) {
      case 'wait':
        await this.#gate.until(action.untilNs);
        return;
      case 'poll':
        this.#advance({ kind: 'polled' });
        this.#listener({ kind: 'polled' }, this.#state);
        return;
      case 'mint': {
        const startedNs = ports.clock.monotonicNs();
        const answer = await this.#unlessClosed(
          mint(action.request, this.#timeoutMs(this.#state.signer.failures > 0), ports),
        );
        if (answer !== undefined)
          this.#advance({ kind: 'minted', request: action.request, answer, startedNs });
        return;
      }
      case 'deliver': {
        if (!(await this.#store(action.pending.payment))) return;
        this.#advance({ kind: 'sending' });
        const answer = await deliver(action.pending, this.#timeoutMs(action.pending.attempts > 0), ports);
        if (!ports.signal.aborted) this.#advance({ kind: 'delivered', answer });
        return;
      }
      case 'refresh': {
        const answer = await refreshTerms(action.source, this.#state.terms.current, ports);
        if (ports.signal.aborted) return;
        const ceiling = ports.ceiling === undefined ? {} : { ceiling: ports.ceiling };
        this.#advance({ kind: 'refreshed', answer, ...ceiling });
        return;
      }
      case 'probe': {
        const answer = await probe(this.#timeoutMs(false), ports);
        if (!ports.signal.aborted) this.#advance({ kind: 'probed', answer });
        return;
      }
    }
  }

  #advance(event: FundingEvent): void {
    const { state, notes } = advance(this.#state, event, this.#ports.clock.monotonicNs());
    this.#state = state;
    for (const note of notes) this.#listener(note, state);
  }

  /** One attempt's time; the whole of it after a failure, in case the peer is only slow. */
  #timeoutMs(slow: boolean): number {
    const adaptive = Number(attemptNs(this.#state) / NS_PER_MS);
    return slow ? this.#ports.requestTimeoutMs : Math.min(adaptive, this.#ports.requestTimeoutMs);
  }

  async #unlessClosed<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (this.#ports.signal.aborted) return undefined;
      throw error;
    }
  }

  #place(): SessionPlace {
    const { manifestId, app, runner, appUrl, controlUrl, paymentUrl, probeUrl } = this.#ports;
    const { url, orchestrator } = runner;
    return { manifestId, app, runner: url, orchestrator, appUrl, controlUrl, paymentUrl, probeUrl };
  }

  /** Payment, state and params become durable before the first byte is sent (funding.md rule 1). */
  async #store(payment: string): Promise<boolean> {
    const { store, clock, runner } = this.#ports;
    const { pending, signer, config } = this.#state;
    if (
      store === undefined ||
      this.#stored === payment ||
      pending === undefined ||
      signer.state === undefined
    )
      return true;
    try {
      await store({
        manifestId: this.#ports.manifestId,
        app: this.#ports.app,
        runner: runner.url,
        orchestrator: runner.orchestrator,
        price: config.tariff.price,
        paymentUrl: this.#ports.paymentUrl,
        controlUrl: this.#ports.controlUrl,
        payment: pending.payment,
        segment: pending.segment,
        signerState: signer.state,
        recipientRandHash: pending.recipientRandHash,
        checkpoint: checkpointOf(this.#state, this.#place(), clock),
        atMs: clock.wallMs(),
      });
      this.#stored = payment;
      return true;
    } catch (cause) {
      const message = 'the store did not keep the payment, so it was not sent';
      this.#advance({ kind: 'ended', end: { reason: 'store-failed', message, cause } });
      return false;
    }
  }
}
