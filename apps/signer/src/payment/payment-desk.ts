import type { MessageSigner } from '@lp/pm';
import {
  checkSession,
  encodeAnswer,
  type LivePaymentRequest,
  type OpenedPayment,
  openPayment,
  type PaymentAnswer,
  type PaymentPlan,
  type PriceCeiling,
  planPayment,
  type SenderLimits,
  type SignablePayment,
  type SignerState,
  signPayment,
} from '@lp/pm/sender';
import type { Clock, Random } from '@lp/runtime';
import { HttpError } from '@lp/service';
import { authorisedPlan, checkAuthId } from '../access/authorised-plan.ts';
import type { Caller } from '../access/caller.ts';
import type { CallGate } from '../access/gate.ts';
import type { ChainView } from '../chain/chain-view.ts';
import type { Issue, Outcome } from '../ledger/claim.ts';
import type { SignerLedger } from '../ledger/signer-ledger.ts';
import { storable } from '../ledger/storable.ts';
import type { Spending } from '../limits/spending.ts';
import type { UsageEventOf } from '../usage/usage-event.ts';
import { claimOf } from './claim-of.ts';
import { DeadlineSlots } from './deadline-slots.ts';
import { issueOf } from './issue-of.ts';
import { IssuedStates } from './issued-states.ts';
import { ledgerRefusal } from './ledger-refusal.ts';
import { NonceMemory } from './nonce-memory.ts';
import { pooledRandom } from './pooled-random.ts';
import { repeatedPayment } from './repeated-payment.ts';

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

/**
 * Answers payment requests: read, plan, authorise, record, sign. Nothing is signed before the ledger has it, and what a
 * request would be refused for is told only to callers that are allowed in.
 */
export class PaymentDesk {
  readonly #options: PaymentDeskOptions;
  /** A guess that saves planning twice; the ledger decides. */
  readonly #nonces = new NonceMemory();
  readonly #issued = new IssuedStates();
  readonly #random: Random;
  readonly #deadlines: DeadlineSlots;

  constructor(options: PaymentDeskOptions) {
    this.#options = options;
    this.#random = pooledRandom(options.random);
    this.#deadlines = new DeadlineSlots(options.timeoutMs ?? PAYMENT_TIMEOUT_MS, options.clock);
  }

  /**
   * @throws SignerRefusal; HttpError 400, 403, 409 or 483; LedgerFailedError; ChainUnavailableError; DeadlineError; what
   *   the gate and the message signer throw.
   */
  async pay(request: LivePaymentRequest, gate: CallGate): Promise<MadePayment> {
    const { signer } = this.#options;
    const opened = await allowedFirst(gate, undefined, () =>
      openPayment(request, { sender: signer.address, random: this.#random, known: this.#issued.find }),
    );
    return this.#payOpened(request, opened, gate, this.#deadlines.signal());
  }

  async #payOpened(
    request: LivePaymentRequest,
    opened: OpenedPayment,
    gate: CallGate,
    signal: AbortSignal,
  ): Promise<MadePayment> {
    const { ledger, spending, usageEvent } = this.#options;
    const { app } = opened.state;
    // who is paid, which was looked up: the offer's address is the caller's word
    const orchestrator = opened.offer.ticketParams.recipient;
    let authorisation: Awaited<ReturnType<CallGate['authorise']>> | undefined;
    for (let plans = 0; plans < MOST_PLANS; plans++) {
      const nowMs = Math.trunc(this.#options.clock.wallMs());
      let proposed: PaymentPlan;
      try {
        proposed = this.#plan(opened, nowMs);
      } catch (refusal) {
        return await this.#repeatOr(refusal, { request, opened, gate, nowMs, signal });
      }
      authorisation ??= await gate.authorise(proposed.nextState, 'planned');
      const { caller } = authorisation;
      const plan = authorisedPlan(proposed, authorisation);
      const lookUp = spending.checkRecipient(plan.template.recipient, signal);
      if (lookUp !== undefined) await lookUp;
      signal.throwIfAborted();
      this.#checkAgain(plan);
      const claim = claimOf(request, opened, { identity: caller.identity, nowMs });
      const issue = issueOf(plan, claim, {
        bounds: spending.boundsOf({ identity: caller.identity, app: storable(app), orchestrator }, nowMs),
        salt: this.#random.bytes(10),
        ...(usageEvent !== undefined && {
          event: (answerId, key) => usageEvent({ plan, key, nowMs, answerId }),
        }),
      });
      const outcome = await ledger.begin(issue);
      switch (outcome.kind) {
        case 'sign':
          this.#nonces.use(opened.pmSessionId, plan.nextState.senderNonce);
          return { answer: await this.#sign(plan, issue, outcome, signal), plan, caller };
        case 'repeat': {
          const payment = repeatedPayment(opened, outcome.answer, this.#options.signer.address);
          return { answer: await this.#answer(payment, signal), plan: undefined, caller };
        }
        case 'nonce-used':
          this.#nonces.use(opened.pmSessionId, outcome.last);
          continue;
        case 'conflict':
          throw ledgerRefusal(outcome.conflict);
        case 'over':
          throw spending.refusalOf(outcome.excess);
      }
    }
    throw new HttpError(503, 'busy', 'many payments under these ticket params at once; try again');
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
    const { chain, limits, clock } = this.#options;
    const nowNs = BigInt(Math.trunc(clock.wallMs())) * 1_000_000n;
    checkSession(opened, template.senderNonce - 1, { nowNs, chain: chain.current(), limits });
  }

  /** A request that was answered before gets its answer also when time has overtaken it. */
  async #repeatOr(
    refusal: unknown,
    call: {
      readonly request: LivePaymentRequest;
      readonly opened: OpenedPayment;
      readonly gate: CallGate;
      readonly nowMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<MadePayment> {
    const { request, opened, nowMs, signal } = call;
    const { authId, caller } = await call.gate.authorise(opened.state, 'refused');
    checkAuthId(opened.state.authId, authId);
    const claim = claimOf(request, opened, { identity: caller.identity, nowMs });
    const recorded = await this.#options.ledger.recall(claim);
    if (recorded === undefined) throw refusal;
    const payment = repeatedPayment(opened, recorded, this.#options.signer.address);
    return { answer: await this.#answer(payment, signal), plan: undefined, caller };
  }

  async #sign(
    plan: PaymentPlan,
    issue: Issue,
    { hold }: Outcome & { kind: 'sign' },
    signal: AbortSignal,
  ): Promise<PaymentAnswer> {
    const { ledger } = this.#options;
    try {
      const answer = await this.#answer({ ...plan, state: issue.state }, signal);
      ledger.settle(hold);
      return answer;
    } catch (error) {
      await ledger.release(hold, issue);
      throw error;
    }
  }

  async #answer(payment: SignablePayment, signal: AbortSignal): Promise<PaymentAnswer> {
    const { manifestId } = payment.opened;
    const segment = this.#issued.segment(manifestId);
    const signatures = await signPayment(payment, this.#options.signer, { signal, segment });
    if (segment === undefined) this.#issued.addSegment(manifestId, signatures.segment);
    const answer = encodeAnswer(payment, signatures);
    if (payment.nextState !== undefined) this.#issued.add(answer.state, payment.nextState);
    return answer;
  }
}

/** What `work` gives; what it throws only to callers that the gate lets in (remote-signer.md H16). */
async function allowedFirst<T>(gate: CallGate, state: SignerState | undefined, work: () => T): Promise<T> {
  try {
    return work();
  } catch (refusal) {
    const { authId } = await gate.authorise(state, 'refused');
    if (state !== undefined) checkAuthId(state.authId, authId);
    throw refusal;
  }
}
