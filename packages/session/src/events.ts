import type { Price, Ratio } from '@lp/pricing';
import type { Receipt } from './receipt.ts';

/** Something that happened in a session; `type` tells what. `atMs` is wall time. */
export type SessionEvent = { readonly atMs: number } & (
  | {
      readonly type: 'opened';
      readonly sessionId: string;
      readonly runner: string;
      readonly orchestrator: string;
      readonly price?: Price;
    }
  /** A payment was acknowledged. */
  | {
      readonly type: 'payment';
      readonly tickets: number;
      /** Exact expected value. */
      readonly wei: Ratio;
      readonly roundTripMs: number;
      readonly runwayMs: number;
    }
  /** The signer found nothing due (482). `alarm`: although little runway is left. */
  | { readonly type: 'skip'; readonly alarm: boolean; readonly runwayMs: number }
  /** Tickets that will never be credited. */
  | { readonly type: 'payment-lost'; readonly tickets: number; readonly wei: Ratio; readonly why: string }
  /** Paying stopped working; told once. The session goes on for `runwayMs` unless it recovers. */
  | {
      readonly type: 'payment-failed';
      readonly peer: 'orchestrator' | 'signer';
      readonly runwayMs: number;
      readonly message: string;
      readonly cause?: unknown;
    }
  | { readonly type: 'payment-recovered'; readonly runwayMs: number }
  /** One for each poll: seconds of credit left at the orchestrator, as milliseconds. */
  | { readonly type: 'runway'; readonly runwayMs: number }
  /** The orchestrator cannot be reached; told once until it answers again. */
  | {
      readonly type: 'connection-lost';
      readonly peer: 'orchestrator';
      readonly runwayMs: number;
      readonly cause?: unknown;
    }
  | { readonly type: 'connection-restored'; readonly peer: 'orchestrator'; readonly runwayMs: number }
  | { readonly type: 'probe'; readonly alive: boolean | undefined; readonly message: string }
  /** The runner is not ready: nothing can be paid, and the session may come back. */
  | { readonly type: 'not-ready' }
  /** Alarm: a payment had to be minted from a second signer state (funding.md rule 7). */
  | { readonly type: 'rescue'; readonly message: string }
  /** Ticket terms that were offered and not taken as usual. */
  | { readonly type: 'terms'; readonly message: string }
  /** A watched channel closed; a probe follows. */
  | { readonly type: 'channel-closed'; readonly url: string; readonly reason: string }
  /** The orchestrator ended the session. `closed` follows. */
  | { readonly type: 'dropped'; readonly reason: string | undefined; readonly message: string }
  /** Last event. */
  | { readonly type: 'closed'; readonly reason: Receipt['reason']; readonly receipt: Receipt }
);

/** An event without its time. */
export type UntimedEvent = SessionEvent extends infer E
  ? E extends SessionEvent
    ? Omit<E, 'atMs'>
    : never
  : never;
