import type { MessageSigner } from '@lp/pm';
import {
  encodeAnswer,
  type OpenedPayment,
  type PaymentAnswer,
  type SignablePayment,
  signPayment,
} from '@lp/pm/sender';
import type { RecordedAnswer } from '../ledger/claim.ts';
import { IssuedStates } from './issued-states.ts';
import { repeatedPayment } from './repeated-payment.ts';

/** Signs answers that the ledger has, and remembers what it signed: it need not be verified or signed again. */
export class AnswerSigner {
  readonly #signer: MessageSigner;
  readonly #issued = new IssuedStates();

  constructor(signer: MessageSigner) {
    this.#signer = signer;
  }

  /** The value of a state that was signed here: for `openPayment`. */
  get known(): IssuedStates['find'] {
    return this.#issued.find;
  }

  /** @throws what the message signer throws. */
  async sign(payment: SignablePayment, signal: AbortSignal): Promise<PaymentAnswer> {
    const { manifestId } = payment.opened;
    const segment = this.#issued.segment(manifestId);
    const signatures = await signPayment(payment, this.#signer, { signal, segment });
    if (segment === undefined) this.#issued.addSegment(manifestId, signatures.segment);
    const answer = encodeAnswer(payment, signatures);
    if (payment.nextState !== undefined) this.#issued.add(answer.state, payment.nextState);
    return answer;
  }

  /** The recorded answer to a request that came again, byte for byte. @throws what the message signer throws. */
  signAgain(opened: OpenedPayment, recorded: RecordedAnswer, signal: AbortSignal): Promise<PaymentAnswer> {
    return this.sign(repeatedPayment(opened, recorded, this.#signer.address), signal);
  }
}
