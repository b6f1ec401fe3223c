import type { PriceUnit } from '@lp/pricing';
import type { PriceInfo } from '@lp/protocol';
import type { Clock, HttpRequest, Random } from '@lp/runtime';
import type { RouteReply } from '@lp/runtime/testing';
import type { TestChain } from './chain-view.ts';
import type { TestAccount } from './test-account.ts';

/** What a test orchestrator offers and how it behaves. Everything may be changed while it runs. */
export interface TestOrchestrator {
  readonly url: string;
  readonly runnerUrl: string;
  /** May be replaced, to come between. */
  handle: (this: void, request: HttpRequest) => Promise<RouteReply>;
  /** Accounts by manifest id, also of sessions that are over. */
  readonly accounts: ReadonlyMap<string, TestAccount>;
  /** Live sessions. */
  readonly sessions: ReadonlySet<string>;
  /** Debits that were not covered: every one has dropped a session. */
  readonly shortDebits: readonly string[];
  /** Payment attempts, with their answers. */
  readonly payments: readonly { readonly path: string; readonly status: number }[];
  /** Wei per `pixelsPerUnit` units. */
  price: PriceInfo;
  /** What the node asks without a session: quoted in the first answer to a first-ever sender. */
  basePrice: PriceInfo;
  unit: PriceUnit;
  /** Expected value aimed at for one ticket, wei. */
  ticketEv: bigint;
  capacity: number;
  ready: boolean;
  down: boolean;
  /** Upstream forgets the price of a first-ever sender's first payment (live-runner.md section 9). */
  basePriceAnswers: boolean;
  /** Payments are validated ticket by ticket without a lock, so that a resend can race its first attempt. */
  ticketMs: number;
  /** Answers the next requests whose path ends so with these, instead of handling them. */
  answerNext(pathEnd: string, ...replies: readonly RouteReply[]): void;
  /** Ends a session, with a reason where `reasons` is on. */
  drop(manifestId: string, reason?: string): void;
  /** New secrets, no sessions, no accounts: what a restarted process is. */
  restart(): void;
}

/** What a test orchestrator is made of. */
export interface TestOrchestratorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly chain: TestChain;
  readonly url?: string;
  readonly app?: string;
  readonly price?: PriceInfo;
  readonly unit?: PriceUnit;
  readonly ticketEv?: bigint;
  /** Milliseconds. Default 5,000. */
  readonly debitMs?: number;
  /** Told in the challenge. Default: not told, as upstream. */
  readonly paymentIntervalMs?: number;
  /** Names the reason of a drop in a header. Default true. */
  readonly reasons?: boolean;
  /** Runner route. Default `runner_a`. */
  readonly route?: string;
  /** Ends every meter. */
  readonly signal?: AbortSignal;
}
