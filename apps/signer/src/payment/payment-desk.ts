import type { MessageSigner } from '@lp/pm';
import {
  checkSession,
  type LivePaymentRequest,
  type OpenedPayment,
  openPayment,
  type PaymentAnswer,
  type PaymentPlan,
  type PriceCeiling,
  planPayment,
  type SenderLimits,
} from '@lp/pm/sender';
import type { Clock, Random } from '@lp/runtime';
import { HttpError } from '@lp/service';
import { authorisedPlan, checkAuthId } from '../access/authorised-plan.ts';
import type { Caller } from '../access/caller.ts';
import type { Authorisation, CallGate } from '../access/gate.ts';
import type { ChainView } from '../chain/chain-view.ts';
import type { Hold, Issue } from '../ledger/claim.ts';
import type { SignerLedger } from '../ledger/signer-ledger.ts';
import { storable } from '../ledger/storable.ts';
import type { Spending } from '../limits/spending.ts';
import type { UsageEventOf } from '../usage/usage-event.ts';
import { AnswerSigner } from './answer-signer.ts';
import { claimOf } from './claim-of.ts';
import { DeadlineSlots } from './deadline-slots.ts';
import { issueOf } from './issue-of.ts';
import { ledgerRefusal } from './ledger-refusal.ts';
import { NonceMemory } from './nonce-memory.ts';
import { pooledRandom } from './pooled-random.ts';

/** What payments are made with. */
export interface PaymentDeskOptions {
  readonly signer: MessageSigner;
  readonly chain: ChainView;
  readonly ledger: SignerLedger;
  readonly spending: Spending;
  readonly limits: SenderLimits;
  /** The operator's ceilings for a payment. */
  readonly ceilingsFor: (opened: OpenedPayment) => readonly PriceCeiling[];
  /** Makes the usage event of an answer, where anyone wants events. */
  readonly usageEvent?: UsageEventOf | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Time for one payment, waiting included, in milliseconds. Default 4,500: clients give up after 5 seconds. */
  readonly timeoutMs?: number;
}

/** A payment that was made. */
export interface MadePayment {
  readonly answer: PaymentAnswer;
  /** The plan behind it, for logs and metrics; `undefined` when an earlier answer was given again. */
  readonly plan: PaymentPlan | undefined;
  /** Whose limits it counts to. */
  readonly caller: Caller;
}

/** Clients give up after 5 seconds (remote-signer.md section 9.1). */
const PAYMENT_TIMEOUT_MS = 4500;
/** How often a payment is planned anew because its nonces were used meanwhile. */
const MOST_PLANS = 100;

/** A request on its way. */
interface Call {
  readonly request: LivePaymentRequest;
  readonly opened: OpenedPayment;
  readonly gate: CallGate;
  /** Ends it when its time is over. */
  readonly signal: AbortSignal;
}

/**
 * Answers payment requests: read, plan, authorise, record, sign. Nothing is signed before the ledger has it, and what a
 * request would be refused for is told only to callers that are allowed in.
 */
export class PaymentDesk {
  readonly #options: PaymentDeskOptions;
  readonly #answers: AnswerSigner;
  /** A guess that saves planning twice; the ledger decides. */
  readonly #nonces = new NonceMemory();
  readonly #random: Random;
  readonly #deadlines: DeadlineSlots;

  constructor(options: PaymentDeskOptions) {
    this.#options = options;
    this.#answers = new AnswerSigner(options.signer);
    this.#random = pooledRandom(options.random);
    this.#deadlines = new DeadlineSlots(options.timeoutMs ?? PAYMENT_TIMEOUT_MS, options.clock);
  }

  /**
   * @throws SignerRefusal; HttpError 400, 403, 409 or 483; LedgerFailedError; ChainUnavailableError; DeadlineError; what
   *   the gate and the message signer throw.
   */
  async pay(request: LivePaymentRequest, gate: CallGate): Promise<MadePayment> {
    const sender = this.#options.signer.address;
    let opened: OpenedPayment;
    try {
      opened = openPayment(request, { sender, random: this.#random, known: this.#answers.known });
    } catch (refusal) {
      await gate.authorise(undefined, 'refused'); // who is not let in is not told why (remote-signer.md H16)
      throw refusal;
    }
    return this.#payOpened({ request, opened, gate, signal: this.#deadlines.signal() });
  }

  async #payOpened(call: Call): Promise<MadePayment> {
    const { opened, gate, signal } = call;
    let authorisation: Authorisation | undefined;
    for (let plans = 0; plans < MOST_PLANS; plans++) {
      const nowMs = this.#nowMs();
      let proposed: PaymentPlan;
      try {
        proposed = this.#plan(opened, nowMs);
      } catch (refusal) {
        authorisation ??= await gate.authorise(opened.state, 'refused');
        return await this.#repeatOr(refusal, call, authorisation);
      }
      authorisation ??= await gate.authorise(proposed.nextState, 'planned');
      const { caller } = authorisation;
      const plan = authorisedPlan(proposed, authorisation);
      const lookUp = this.#options.spending.checkRecipient(plan.template.recipient, signal);
      if (lookUp !== undefined) await lookUp;
      signal.throwIfAborted();
      this.#checkAgain(plan);
      const issue = this.#issue(call, plan, { identity: caller.identity, nowMs });
      const outcome = await this.#options.ledger.begin(issue);
      switch (outcome.kind) {
        case 'sign':
          this.#nonces.use(opened.pmSessionId, plan.nextState.senderNonce);
          return { answer: await this.#sign(plan, issue, outcome.hold, signal), plan, caller };
        case 'repeat': {
          const answer = await this.#answers.signAgain(opened, outcome.answer, signal);
          return { answer, plan: undefined, caller };
        }
        case 'nonce-used':
          this.#nonces.use(opened.pmSessionId, outcome.last);
          continue;
        case 'conflict':
          throw ledgerRefusal(outcome.conflict);
        case 'over':
          throw this.#options.spending.refusalOf(outcome.excess);
      }
    }
    throw new HttpError(503, 'busy', 'many payments under these ticket params at once; try again');
  }

  #nowMs(): number {
    return Math.trunc(this.#options.clock.wallMs());
  }

  #plan(opened: OpenedPayment, nowMs: number): PaymentPlan {
    const { signer, chain, limits } = this.#options;
    return planPayment(opened, {
      sender: signer.address,
      nowNs: BigInt(nowMs) * 1_000_000n,
      chain: chain.current(),
      limits,
      ceilings: this.#options.ceilingsFor(opened),
      usedNonce: this.#nonces.last(opened.pmSessionId),
    });
  }

  /** Authorisation may take seconds: ticket params that expired meanwhile are for 480, not for a signature. */
  #checkAgain({ opened, template }: PaymentPlan): void {
    const { chain, limits } = this.#options;
    const nowNs = BigInt(this.#nowMs()) * 1_000_000n;
    checkSession(opened, template.senderNonce - 1, { nowNs, chain: chain.current(), limits });
  }

  /** What the ledger is asked to record. */
  #issue(
    { request, opened }: Call,
    plan: PaymentPlan,
    { identity, nowMs }: { readonly identity: string; readonly nowMs: number },
  ): Issue {
    const { spending, usageEvent } = this.#options;
    // who is paid, which was looked up: the offer's address is the caller's word
    const orchestrator = opened.offer.ticketParams.recipient;
    return issueOf(plan, claimOf(request, opened, { identity, nowMs }), {
      bounds: spending.boundsOf({ identity, app: storable(opened.state.app), orchestrator }, nowMs),
      salt: this.#random.bytes(10),
      ...(usageEvent !== undefined && {
        event: (answerId, key) => usageEvent({ plan, key, nowMs, answerId }),
      }),
    });
  }

  /** A request that was answered before gets its answer also when time has overtaken it. */
  async #repeatOr(
    refusal: unknown,
    { request, opened, signal }: Call,
    { authId, caller }: Authorisation,
  ): Promise<MadePayment> {
    checkAuthId(opened.state.authId, authId);
    const claim = claimOf(request, opened, { identity: caller.identity, nowMs: this.#nowMs() });
    const recorded = await this.#options.ledger.recall(claim);
    if (recorded === undefined) throw refusal;
    return { answer: await this.#answers.signAgain(opened, recorded, signal), plan: undefined, caller };
  }

  async #sign(plan: PaymentPlan, issue: Issue, hold: Hold, signal: AbortSignal): Promise<PaymentAnswer> {
    const { ledger } = this.#options;
    try {
      const answer = await this.#answers.sign({ ...plan, state: issue.state }, signal);
      ledger.settle(hold);
      return answer;
    } catch (error) {
      // where that fails, too, the money stays charged until nobody could use the answer
      await ledger.release(hold, issue).catch(() => {});
      throw error;
    }
  }
}
