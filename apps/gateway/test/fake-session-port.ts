import type {
  Funding,
  OpenRequest,
  PaidSession,
  PortEvent,
  Receipt,
  RunnerListing,
  SessionPort,
} from '../src/port/session-port.ts';

/** A paid session that does as the test says. */
export class FakePaidSession implements PaidSession {
  readonly id = 'manifest-1';
  readonly orchestrator = 'https://orchestrator.example';
  readonly runner = 'https://orchestrator.example/apps/1/session';
  readonly price = { wei: 12_500_000_000_000n, per: 9n, unit: 'seconds' } as const;
  readonly channelOrigins = ['https://orchestrator.example'];
  readonly request: OpenRequest;
  /** May be a promise: the app then answers when it is fulfilled. */
  streamAnswer: unknown = {
    in: 'https://orchestrator.example/ai/trickle/s-in',
    out: 'https://orchestrator.example/ai/trickle/s-out',
  };
  streamParams: unknown;
  fundingNow: Funding = { runwayMs: 20_000, paidWei: 5_000_000_000_000_000n, payments: 2, tickets: 3 };
  readonly troubles: string[] = [];
  closes = 0;
  readonly #ended = Promise.withResolvers<Receipt>();
  readonly ended = this.#ended.promise;
  readonly #events: PortEvent[] = [];
  #wake = Promise.withResolvers<void>();
  #over = false;

  constructor(request: OpenRequest) {
    this.request = request;
  }

  async startStream(params: unknown, signal: AbortSignal): Promise<unknown> {
    this.streamParams = params;
    if (this.streamAnswer instanceof Error) throw this.streamAnswer;
    return Promise.race([this.streamAnswer, aborted(signal)]);
  }

  funding(): Funding {
    return this.fundingNow;
  }

  reportChannelTrouble(url: string): void {
    this.troubles.push(url);
  }

  /** Lets an event happen. */
  emit(event: PortEvent): void {
    this.#events.push(event);
    this.#wake.resolve();
  }

  async *events(): AsyncGenerator<PortEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#over) return;
      else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }

  /** Ends from the other side. */
  end(reason: string): void {
    this.#over = true;
    this.#wake.resolve();
    const { paidWei, payments, tickets } = this.fundingNow;
    this.#ended.resolve({
      reason,
      seconds: '12.5',
      paidWei,
      feeWei: 4_000_000_000_000_000n,
      payments,
      tickets,
    });
  }

  async close(): Promise<Receipt> {
    this.closes += 1;
    this.end('closed-by-caller');
    return this.ended;
  }
}

/** A port whose sessions a test can reach. */
export class FakeSessionPort implements SessionPort {
  readonly opened: FakePaidSession[] = [];
  listing: RunnerListing = { offers: [], refusals: [], failures: [] };
  failure: Error | undefined;
  /** When set, opening waits for it (or for the abort). */
  gate: Promise<void> | undefined;
  prepare: (session: FakePaidSession) => void = () => {};
  aborted = 0;

  async runners(): Promise<RunnerListing> {
    return this.listing;
  }

  async open(request: OpenRequest, signal: AbortSignal): Promise<PaidSession> {
    if (this.gate !== undefined)
      await Promise.race([this.gate, aborted(signal).finally(() => (this.aborted += 1))]);
    if (this.failure !== undefined) throw this.failure;
    const session = new FakePaidSession(request);
    this.prepare(session);
    this.opened.push(session);
    return session;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
