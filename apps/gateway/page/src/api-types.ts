/** What the gateway answers, as far as the page reads it (see /openapi.json). */
export interface Amount {
  readonly wei: string;
  readonly eth: string;
  readonly usd: string | null;
}

export interface Price {
  readonly wei: string;
  readonly per: string;
  readonly unit: string;
  readonly weiPerSecond: string | null;
  readonly usdPerHour: string | null;
}

export interface Fault {
  readonly fault: 'output-stalled' | 'connection-lost' | 'payment-failed' | 'not-ready';
  readonly cause: string | null;
}

export interface Status {
  readonly state: 'open' | 'closing' | 'closed';
  readonly runwaySeconds: number | null;
  readonly paid: Amount;
  readonly payments: number;
  readonly tickets: number;
  readonly faults: readonly Fault[];
  readonly clients: number;
  readonly frames: {
    readonly received: number;
    readonly droppedInput: number;
    readonly returned: number;
    readonly droppedOutput: number;
    readonly latencyMsP50: number | null;
  };
}

export interface Receipt {
  readonly reason: string;
  readonly seconds: string;
  readonly paid: Amount;
  readonly fee: Amount;
  readonly payments: number;
  readonly tickets: number;
}

export interface Session extends Status {
  readonly id: string;
  readonly app: string;
  readonly orchestrator: string;
  readonly runner: string;
  readonly price: Price | null;
  readonly receipt: Receipt | null;
}

export interface Refusal {
  readonly orchestrator: string;
  readonly runner: string | null;
  readonly code: string;
  readonly message: string;
}

export interface Listing {
  readonly runners: readonly {
    readonly orchestrator: string;
    readonly url: string;
    readonly app: string;
    readonly price: Price | null;
    readonly capacity: { readonly total: number; readonly available: number };
    readonly gpu: string | null;
  }[];
  readonly refusals: readonly Refusal[];
  readonly failures: readonly { readonly source: string; readonly code: string; readonly message: string }[];
}

export interface Problem {
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
  readonly refusals?: readonly Refusal[];
}

export interface Settings {
  readonly development: boolean;
  readonly named: Readonly<Record<string, string>>;
}

export interface SessionEvent {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly [field: string]: unknown;
}
