/**
 * The payment desk: everything the runner side of the orchestrator needs to know of money. It asks the desk to
 * challenge, to look at payment headers, to take their tickets and to meter a session; it never sees a ticket,
 * a balance or the chain.
 *
 * One paid reservation, in the order of live-runner.md section 7:
 *
 * ```ts
 * if (!hasPayment(headers)) return desk.challenge({ payer, offered, paymentUrl });        // step 6
 * const inspected = desk.inspect(headers, { kind: 'reservation', offered });              // steps 7 to 10
 * const session = registry.reserve(inspected.manifestId);                                 // step 11: 404, 409, 503
 * try {
 *   await desk.accept(inspected);                                                         // step 12
 *   meter = await desk.openMeter({ inspected, offered, onRelease: (why) => release(session, why) }); // 13, 14
 * } catch (refusal) { registry.release(session); throw refusal; }
 * ```
 *
 * A follow-up payment (section 9) is `desk.pay(headers, { kind: 'follow-up', sessionId })` once the session is known.
 *
 * @module
 */
import type { PriceUnit } from '@lp/pricing';
import type { Hex, OrchestratorInfo, Payment, PriceInfo, SegData } from '@lp/protocol';
import type { TicketRecord } from '../redemption/ticket-store.ts';
import type { DeskReply } from './refusal.ts';

/** What a runner costs at this moment, as the orchestrator offers it. */
export interface OfferedPrice {
  /** Route of the runner: its id, or its label when it is routed by label. */
  readonly runner: string;
  /** Price on the wire, `{whole wei, 1}` for everything the price board converts (live-runner.md section 11.2). */
  readonly price: PriceInfo;
  readonly unit: PriceUnit;
}

/** The two payment headers as they came, undefined when absent. */
export interface PaymentHeaders {
  readonly payment: string | undefined;
  readonly segment: string | undefined;
}

/** True when a request carries at least one payment header; without any it is answered with a challenge. */
export const hasPayment = (headers: PaymentHeaders): boolean =>
  (headers.payment ?? '') !== '' || (headers.segment ?? '') !== '';

/** What the payment is for, which decides the checks on its manifest id and price. */
export type PaymentPurpose =
  /** Pays for a new session: the price must be one that was offered for this runner. */
  | { readonly kind: 'reservation'; readonly offered: OfferedPrice }
  /** Keeps session `sessionId` going. */
  | { readonly kind: 'follow-up'; readonly sessionId: string }
  /** `POST /payment`: credits whatever manifest the segment header names. */
  | { readonly kind: 'legacy' };

/** Payment headers that passed every check except those of the tickets. Nothing has been consumed yet. */
export interface InspectedPayment {
  /** Session id: the manifest id of the segment header. */
  readonly manifestId: string;
  readonly sender: Hex;
  readonly payment: Payment;
  readonly segment: SegData;
  readonly purpose: PaymentPurpose;
}

/** What the tickets of one payment brought; durable when the caller gets it. */
export interface Acceptance {
  /** Tickets credited. */
  readonly tickets: number;
  /** Tickets that won and wait for redemption. */
  readonly winners: number;
  /** Credit of this payment, in quanta of 1 / (2^256 - 1) wei. */
  readonly creditedQuanta: bigint;
}

/** Why a session stopped costing money. The values are those of the header `Livepeer-Session-Ended`. */
export type CloseReason =
  | 'insufficient-balance'
  | 'stopped-by-client'
  | 'stopped-by-runner'
  | 'runner-lost'
  | 'runner-unhealthy'
  /** The request of a single-shot session was answered. */
  | 'request-finished'
  /** A fixed price was charged: nothing further is metered. */
  | 'charged-once'
  /** The ledger could not be written: nothing is given away unmetered. */
  | 'ledger-failed'
  /** The orchestrator stopped or was restarted while the session was open. */
  | 'orchestrator-restarted';

/** A running meter. It ends by `stop` or by the first refused debit, and says which. */
export interface Meter {
  readonly manifestId: string;
  /** False once the session is closed: nothing is charged any more. */
  readonly open: boolean;
  /**
   * Ends metering at once; the final partial interval is not charged (live-runner.md section 8.3). Resolves with the
   * final statement when the closing is durable. Later calls return the first outcome.
   */
  stop(reason: CloseReason): Promise<Statement>;
}

/** The account of one session: exact amounts in wei as decimal text, rounded down, and in quanta. */
export interface Statement {
  readonly manifestId: string;
  readonly sender: Hex;
  readonly state: 'unopened' | 'open' | 'closed';
  readonly closeReason?: CloseReason;
  /** Recorded price, and its unit once the session was opened. */
  readonly price?: PriceInfo;
  readonly unit?: PriceUnit;
  /** Units debited: whole seconds, pixels, or 1 for a fixed price. */
  readonly units: bigint;
  readonly creditedQuanta: bigint;
  readonly meteredQuanta: bigint;
  readonly balanceQuanta: bigint;
  readonly creditedWei: bigint;
  /** Rounded down. */
  readonly meteredWei: bigint;
  /** Rounded down. */
  readonly balanceWei: bigint;
  readonly payments: number;
  readonly tickets: number;
  readonly openedMs?: number;
  readonly closedMs?: number;
}

/** State of the money side for health checks and metrics. */
export interface DeskHealth {
  readonly ok: boolean;
  /** Why not, for `/readyz`; empty when ok. */
  readonly problems: readonly string[];
  /** Age of the newest chain reading; undefined before the first, and off-chain. */
  readonly chainAgeMs: number | undefined;
  readonly openMeters: number;
  readonly queuedTickets: number;
}

/** The money side of the orchestrator. Every refusal is a `PaymentRefusal`; nothing else is thrown on purpose. */
export interface PaymentDesk {
  /** False: nothing costs anything; every method that asks for or takes money refuses with 404. */
  readonly onchain: boolean;
  /** Debit interval in milliseconds, as the challenge states it. */
  readonly paymentIntervalMs: number;

  /**
   * Answers a request without payment headers: status 402 and the challenge of live-runner.md section 8.1, with fresh
   * ticket params for `payer`, a new manifest id and the debit interval. The offer is remembered until its token
   * expires, so that a reservation can only carry a price that was offered.
   *
   * @throws PaymentRefusal 402 (JSON) for a bad payer address, 500 for an insufficient reserve, 503 while the chain is
   *   unreachable or too many unknown payers ask at once.
   */
  challenge(request: {
    /** Header `Livepeer-Payer-Address` as it came. */
    payer: string | undefined;
    offered: OfferedPrice;
    paymentUrl: (manifestId: string) => string;
    signal?: AbortSignal;
  }): Promise<DeskReply>;

  /**
   * `POST /refresh-payment` (live-runner.md section 8.4): fresh params and a fresh token for a session that has paid
   * before, at its own price. Takes the raw body.
   *
   * @throws PaymentRefusal (JSON) 400 for a bad body, 409 when no price is recorded for the pair, 500, 503.
   */
  refresh(body: string | Uint8Array, options?: { signal?: AbortSignal }): Promise<DeskReply>;

  /**
   * Checks the two headers without consuming anything: payment header (402), segment header in its documented order
   * (403), manifest id against token and session (403), and for a reservation the price (400) and that this manifest
   * had no session yet (409).
   *
   * @throws PaymentRefusal
   */
  inspect(headers: PaymentHeaders, purpose: PaymentPurpose): InspectedPayment;

  /**
   * Takes the tickets: validates each, credits the account, stores winners. Resolves only when all of it is durable.
   *
   * @throws PaymentRefusal 400 with the reference node's text when a ticket is refused. Tickets before it stay
   *   credited, as upstream; the refusal comes after they are durable. 500 when the ledger cannot be written.
   */
  accept(inspected: InspectedPayment): Promise<Acceptance>;

  /**
   * A follow-up or legacy payment as a whole: `inspect`, fresh terms (500 when there are none, before any ticket is
   * looked at), `accept`. Returns the 200 with the protobuf `PaymentResult` (live-runner.md section 9).
   *
   * @throws PaymentRefusal
   */
  pay(
    headers: PaymentHeaders,
    purpose: PaymentPurpose,
    options?: { signal?: AbortSignal },
  ): Promise<DeskReply>;

  /**
   * Fresh terms for the session of `inspected`, with the token that was sent and the session's own price.
   *
   * @throws PaymentRefusal 500 when there are none, for example for want of reserve.
   */
  refreshedInfo(inspected: InspectedPayment, options?: { signal?: AbortSignal }): Promise<OrchestratorInfo>;

  /**
   * Opens the session's account for charging. Time-based units are metered every interval from now on, prepaid: the
   * first debit that the balance does not cover ends the session and calls `onRelease('insufficient-balance')` once.
   * The meter does not look at runner readiness: it runs until `stop` or that debit. A fixed price is charged here,
   * once, and the meter comes back closed.
   *
   * @throws PaymentRefusal 400 `insufficient balance, …` for an uncovered fixed price; 409 when this manifest already
   *   had its session.
   */
  openMeter(options: {
    inspected: InspectedPayment;
    offered: OfferedPrice;
    /** Called at most once, and never after `stop`. Must not throw. */
    onRelease: (reason: CloseReason) => void;
  }): Promise<Meter>;

  /** The account of a manifest id, or undefined when nothing was ever credited to it. For the admin listener. */
  statement(manifestId: string): Statement | undefined;

  /** Winning tickets, newest first. For the admin listener (`GET /tickets`). */
  tickets(options?: { limit?: number }): readonly TicketRecord[];

  health(): DeskHealth;

  /**
   * Stops every loop, closes open accounts (`orchestrator-restarted`) and the database. Winning tickets stay queued
   * for the next start.
   */
  close(): Promise<void>;
}
