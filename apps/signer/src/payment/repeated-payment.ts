import type { Hex } from '@lp/pm';
import type { OpenedPayment, SignablePayment } from '@lp/pm/sender';
import type { RecordedAnswer } from '../ledger/claim.ts';

/** A recorded answer with its request once more: what was signed then, to be signed again. */
export function repeatedPayment(
  opened: OpenedPayment,
  recorded: RecordedAnswer,
  sender: Hex,
): SignablePayment {
  const { firstNonce, tickets, creationRound, creationRoundBlockHash, state } = recorded;
  const { recipient, faceValue, winProb, recipientRandHash } = opened.offer.ticketParams;
  const expirationParams = { creationRound, creationRoundBlockHash };
  return {
    opened,
    nonces: Array.from({ length: tickets }, (_, index) => firstNonce + index),
    template: {
      recipient,
      sender,
      faceValue,
      winProb,
      senderNonce: firstNonce,
      recipientRandHash,
      ...expirationParams,
    },
    expirationParams,
    state,
  };
}
