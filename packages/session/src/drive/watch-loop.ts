import type { Clock, Transport } from '@lp/runtime';
import type { FundingEnd } from '../funding/state.ts';
import { Gate } from './gate.ts';
import { probe } from './perform.ts';

/** What a session that is not metered needs: nobody pays, but it may be dropped all the same. */
export interface WatchPorts {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly probeUrl: string;
  readonly timeoutMs: number;
  /** Between two probes; undefined asks on suspicion only. */
  readonly everyMs: number | undefined;
  readonly onProbe: (alive: boolean | undefined, message: string) => void;
}

const NS_PER_MS = 1_000_000n;
const RETRY_MS = 1_000;
const IDLE_MS = 3_600_000;

/** Watches a free or once-paid session. Ends when it is dropped, or with `closed` on the signal. */
export class WatchLoop {
  readonly #ports: WatchPorts;
  readonly #gate: Gate;
  #suspect = false;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
    this.#gate = new Gate(ports.clock);
    ports.signal.addEventListener('abort', () => this.#gate.wake(), { once: true });
  }

  suspect(): void {
    this.#suspect = true;
    this.#gate.wake();
  }

  async run(): Promise<FundingEnd> {
    const { clock, signal, everyMs, onProbe } = this.#ports;
    let pauseMs = everyMs ?? IDLE_MS;
    for (;;) {
      if (!this.#suspect)
        await this.#gate.until(clock.monotonicNs() + BigInt(Math.ceil(pauseMs)) * NS_PER_MS);
      if (signal.aborted) return { reason: 'closed', message: 'closed by the caller' };
      const asked = this.#suspect || everyMs !== undefined;
      this.#suspect = false;
      if (!asked) continue;
      const answer = await probe(this.#ports.timeoutMs, this.#ports);
      if (signal.aborted) return { reason: 'closed', message: 'closed by the caller' };
      onProbe(answer.kind === 'alive' ? true : answer.kind === 'ended' ? false : undefined, answer.kind);
      if (answer.kind === 'ended') {
        return {
          reason: 'dropped',
          message: 'the orchestrator ended the session',
          ...(answer.reason === undefined ? {} : { dropReason: answer.reason }),
        };
      }
      pauseMs = answer.kind === 'alive' || answer.kind === 'unclear' ? (everyMs ?? IDLE_MS) : RETRY_MS;
    }
  }
}
