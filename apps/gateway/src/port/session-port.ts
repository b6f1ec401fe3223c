import type { Price } from '@lp/pricing';

/** What the gateway needs of a paid session; `@lp/session` behind it in production, a fake in tests. */
export interface SessionPort {
  /** What is on offer now, and what is not and why. */
  runners(app: string | undefined, signal: AbortSignal): Promise<RunnerListing>;
  /**
   * Reserves and pays for a runner. Throws `NoRunnerError` when every candidate refused.
   * After `signal` aborted, nothing stays reserved.
   */
  open(request: OpenRequest, signal: AbortSignal): Promise<PaidSession>;
}

/** What a caller asks for. */
export interface OpenRequest {
  readonly app: string;
  /** The most this session may pay in total, in wei. */
  readonly maxSpendWei?: bigint;
}

/** One runner on offer. */
export interface RunnerOffer {
  readonly orchestrator: string;
  readonly url: string;
  readonly app: string;
  readonly mode: string;
  readonly capacity: { readonly total: number; readonly used: number; readonly available: number };
  /** Absent: the orchestrator publishes none. */
  readonly price?: Price;
  readonly gpu?: string;
  readonly version?: string;
}

/** Why a runner was not, or would not be, used. */
export interface Refusal {
  readonly orchestrator: string;
  readonly runner?: string;
  /** Stable, such as `price-above-ceiling`. */
  readonly code: string;
  readonly message: string;
}

/** The answer of discovery: usable offers in the order they would be tried, and the rest with reasons. */
export interface RunnerListing {
  readonly offers: readonly RunnerOffer[];
  readonly refusals: readonly Refusal[];
  /** Sources that could not be asked. */
  readonly failures: readonly { readonly source: string; readonly code: string; readonly message: string }[];
}

/** An open, funded session. */
export interface PaidSession {
  /** The manifest id at the orchestrator. */
  readonly id: string;
  readonly orchestrator: string;
  readonly runner: string;
  /** Undefined for a free runner. */
  readonly price: Price | undefined;
  /** Origins on which this session's channels may lie. */
  readonly channelOrigins: readonly string[];
  /** `POST <app>/stream`; gives the parsed answer. */
  startStream(params: unknown, signal: AbortSignal): Promise<unknown>;
  funding(): Funding;
  /** Ends after `closed`. One consumer. */
  events(): AsyncIterable<PortEvent>;
  /** Says that a channel broke off: the session finds out whether it is still alive. */
  reportChannelTrouble(url: string): void;
  readonly ended: Promise<Receipt>;
  /** Idempotent: every call gives the same receipt. */
  close(): Promise<Receipt>;
}

/** Where the money stands. */
export interface Funding {
  /** Time of credit left at the orchestrator, as estimated, in milliseconds; null when nothing is metered. */
  readonly runwayMs: number | null;
  readonly paidWei: bigint;
  readonly payments: number;
  readonly tickets: number;
}

/** What happened to a session. */
export type PortEvent =
  | { readonly type: 'payment' }
  | { readonly type: 'payment-failed'; readonly runwayMs: number; readonly cause: string }
  | { readonly type: 'payment-recovered' }
  | { readonly type: 'connection-lost'; readonly cause: string }
  | { readonly type: 'connection-restored' }
  /** A look at the orchestrator: the session is there, or over. */
  | { readonly type: 'probe'; readonly alive: boolean }
  | { readonly type: 'not-ready' }
  /** Something worth reading in the log, without consequence. */
  | { readonly type: 'remark'; readonly what: string; readonly message: string }
  | { readonly type: 'dropped'; readonly reason: string };

/** What a session cost. */
export interface Receipt {
  readonly reason: string;
  readonly seconds: string;
  readonly paidWei: bigint;
  /** What price x time comes to. */
  readonly feeWei: bigint;
  readonly payments: number;
  readonly tickets: number;
}

/** Every candidate refused, or there was none. `code` is `no-runner`, `price-refused` or `reservation-failed`. */
export class NoRunnerError extends Error {
  override readonly name = 'NoRunnerError';
  readonly code: 'no-runner' | 'price-refused' | 'reservation-failed';
  readonly refusals: readonly Refusal[];
  /** Paid to runners that then refused, in wei. */
  readonly lostWei: bigint;

  constructor(
    message: string,
    refusals: readonly Refusal[],
    options: { code?: NoRunnerError['code']; lostWei?: bigint; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = options.code ?? 'no-runner';
    this.refusals = refusals;
    this.lostWei = options.lostWei ?? 0n;
  }
}
