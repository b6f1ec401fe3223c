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
  signPayment,
} from '@lp/pm/sender';
import { type Clock, deadline, type Random } from '@lp/runtime';
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
}

/** A payment that was made: the answer, and the plan behind it for logs and metrics. */
export interface MadePayment {
  readonly answer: PaymentAnswer;
  readonly plan: PaymentPlan;
}

/** Time for one payment, waiting included. Clients give up after 5 seconds (remote-signer.md section 9.1). */
const PAYMENT_TIMEOUT_MS = 4500;

/**
 * Answers payment requests one at a time per session: read, plan, note the nonces, sign. Between plan and signature is
 * the place where a ledger commits.
 */
export class PaymentDesk {
  readonly #options: PaymentDeskOptions;
  readonly #locks = new KeyedLock();
  readonly #nonces = new NonceMemory();

  constructor(options: PaymentDeskOptions) {
    this.#options = options;
  }

  /**
   * @throws SignerRefusal; ChainUnavailableError; DeadlineError; the signal's reason; what the message signer throws.
   */
  async pay(request: LivePaymentRequest, outer?: AbortSignal): Promise<MadePayment> {
    const { signer, random, clock } = this.#options;
    const opened = openPayment(request, { sender: signer.address, random });
    using limit = deadline(PAYMENT_TIMEOUT_MS, outer, clock);
    const { signal } = limit;
    // The state first, then the ticket params: holders of params never wait for a state, so nothing deadlocks.
    // `await` keeps the deadline until then: leaving the block ends it.
    return await this.#locks.run(`state ${opened.state.stateId}`, signal, () =>
      this.#locks.run(`params ${opened.pmSessionId}`, signal, async () => {
        const plan = planPayment(opened, {
          sender: signer.address,
          nowNs: wallNs(clock),
          chain: this.#options.chain.current(),
          limits: this.#options.limits,
          ceilings: this.#options.ceilings,
          usedNonce: this.#nonces.last(opened.pmSessionId),
        });
        this.#nonces.use(opened.pmSessionId, plan.nextState.senderNonce);
        return { plan, answer: encodeAnswer(plan, await signPayment(plan, signer, { signal })) };
      }),
    );
  }
}

function wallNs(clock: Clock): bigint {
  return BigInt(Math.trunc(clock.wallMs() * 1000)) * 1000n;
}
