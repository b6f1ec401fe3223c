import type { Price, Ratio } from '@lp/pricing';
import type { SessionApp } from './app-client.ts';
import type { SessionEvent } from './events.ts';
import type { Receipt } from './receipt.ts';

/** Where the money of a session stands at this moment. */
export interface FundingSnapshot {
  /** Credit left at the orchestrator, from acknowledged payments; below 0 when it should be short. */
  readonly runwayMs: number;
  /** Runway that is aimed at. */
  readonly targetMs: number;
  /** Exact expected value of all acknowledged tickets. */
  readonly paidWei: Ratio;
  /** Minted and never credited. */
  readonly lostWei: Ratio;
  readonly payments: number;
  readonly tickets: number;
  /** Answers of the signer that nothing was due. */
  readonly skips: number;
  /** Paying does not work at the moment. */
  readonly failing: boolean;
  /** The orchestrator cannot be reached at the moment. */
  readonly connectionLost: boolean;
}

/** An open session. Leaving an `await using` block closes it. */
export interface Session extends AsyncDisposable {
  /** The manifest id. */
  readonly id: string;
  readonly runner: string;
  readonly orchestrator: string;
  /** Locked for the session; absent when it is free. */
  readonly price: Price | undefined;
  /** `metered` sessions are paid as they go, `fixed` ones were paid once. */
  readonly kind: 'metered' | 'fixed' | 'free';
  readonly app: SessionApp;
  readonly controlUrl: string;
  /** Aborts when the session is over, with `SessionEndedError` or `SessionDroppedError`. */
  readonly signal: AbortSignal;
  /** Everything from now on; ends after `closed`. Each call is a reader of its own. */
  events(): AsyncIterableIterator<SessionEvent>;
  /** Undefined for a session that is not metered. */
  funding(): FundingSnapshot | undefined;
  /** Watches a trickle channel of the session: its end triggers the probe. */
  watchChannel(url: string): void;
  /** Something looks like the end of the session: probe now. */
  suspect(): void;
  /** Resolves when the session is over, however it ended; never rejects. */
  readonly ended: Promise<Receipt>;
  /** Stops paying and ends the session. Later calls give the same receipt. */
  close(): Promise<Receipt>;
}
