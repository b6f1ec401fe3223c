import type { MessageSigner } from '@lp/pm';
import {
  encodeAnswer,
  type LivePaymentRequest,
  openPayment,
  type PaymentAnswer,
  type PaymentPlan,
  type PriceCeiling,
  planPayment,
  type SenderLimits,
  type SignerState,
  signPayment,
} from '@lp/pm/sender';
import { type Clock, deadline, type Random } from '@lp/runtime';
import { authorisedPlan, checkAuthId } from '../access/authorised-plan.ts';
import type { Caller } from '../access/caller.ts';
import type { CallGate } from '../access/gate.ts';
import type { ChainView } from '../chain/chain-view.ts';
import { KeyedLock } from './keyed-lock.ts';
import { NonceMemory } from './nonce-memory.ts';

/** What payments are made with. */
export interface PaymentDeskOptions {
  readonly signer: MessageSigner;
  readonly chain: ChainView;
  readonly limits: SenderLimits;
  readonly ceilings: readonly PriceCeiling[];
  readonly clock: Clock;
  readonly random: Random;
  /** Time for one payment, waiting included, in milliseconds. Default 4,500: clients give up after 5 seconds. */
  readonly timeoutMs?: number;
}

/** A payment that was made: the answer, and the plan behind it for logs and metrics. */
export interface MadePayment {
  readonly answer: PaymentAnswer;
  readonly plan: PaymentPlan;
  /** Whose limits it counts to. */
  readonly caller: Caller;
}

/** Clients give up after 5 seconds (remote-signer.md section 9.1). */
const PAYMENT_TIMEOUT_MS = 4500;

/**
 * Answers payment requests one at a time per session: read, plan, authorise, note the nonces, sign. Between the last two
 * is the place where a ledger commits. What a request would be refused for is told only to callers that are allowed in.
 */
export class PaymentDesk {
  readonly #options: PaymentDeskOptions;
  readonly #locks = new KeyedLock();
  readonly #nonces = new NonceMemory();

  constructor(options: PaymentDeskOptions) {
    this.#options = options;
  }

  /**
   * @throws SignerRefusal; ChainUnavailableError; DeadlineError; the signal's reason; what the gate and the message
   *   signer throw.
   */
  async pay(request: LivePaymentRequest, gate: CallGate, outer?: AbortSignal): Promise<MadePayment> {
    const { signer, random, clock } = this.#options;
    const opened = await allowedFirst(gate, undefined, () =>
      openPayment(request, { sender: signer.address, random }),
    );
    using limit = deadline(this.#options.timeoutMs ?? PAYMENT_TIMEOUT_MS, outer, clock);
    const { signal } = limit;
    // The state first, then the ticket params: holders of params never wait for a state, so nothing deadlocks.
    // `await` keeps the deadline until then: leaving the block ends it.
    return await this.#locks.run(`state ${opened.state.stateId}`, signal, () =>
      this.#locks.run(`params ${opened.pmSessionId}`, signal, async () => {
        const proposed = await allowedFirst(gate, opened.state, () =>
          planPayment(opened, {
            sender: signer.address,
            nowNs: wallNs(clock),
            chain: this.#options.chain.current(),
            limits: this.#options.limits,
            ceilings: this.#options.ceilings,
            usedNonce: this.#nonces.last(opened.pmSessionId),
          }),
        );
        const authorisation = await gate.authorise(proposed.nextState, 'planned');
        const plan = authorisedPlan(proposed, authorisation);
        signal.throwIfAborted();
        this.#nonces.use(opened.pmSessionId, plan.nextState.senderNonce);
        const answer = encodeAnswer(plan, await signPayment(plan, signer, { signal }));
        return { plan, answer, caller: authorisation.caller };
      }),
    );
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

function wallNs(clock: Clock): bigint {
  return BigInt(Math.trunc(clock.wallMs() * 1000)) * 1000n;
}
