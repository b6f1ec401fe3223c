import type { Hex } from '@lp/protocol';

/** What is wrong with a ticket or its payment (payments.md section 2.6). */
export type TicketRefusalCode =
  /** Tickets without a sender. */
  | 'missing-sender'
  /** Tickets without expiration params. */
  | 'missing-expiration-params'
  /** No expected price, a negative one, or one per 0 units. */
  | 'missing-price'
  | 'sender-unreadable'
  | 'sender-unlocking'
  | 'invalid-recipient'
  | 'invalid-sender'
  | 'invalid-recipient-rand'
  | 'invalid-signature'
  | 'nonce-seen'
  | 'nonce-limit'
  | 'params-expired';

/** A refused ticket. `text` is what the reference node answers with 400. */
export interface TicketRefusal {
  readonly code: TicketRefusalCode;
  readonly text: string;
  /** True when it ended the batch; false when later tickets were still checked, though not credited. */
  readonly fatal: boolean;
  /** Nonce of the ticket, absent when the payment itself is refused. */
  readonly nonce?: number;
}

const fatal = (code: TicketRefusalCode, text: string): TicketRefusal => ({ code, text, fatal: true });
const ofTicket = (code: TicketRefusalCode, text: string, nonce: number): TicketRefusal => ({
  code,
  text,
  fatal: false,
  nonce,
});

/** Every refusal with its text. */
export const REFUSALS = {
  missingSender: () => fatal('missing-sender', 'missing sender for payment with ticket params'),
  missingExpirationParams: () =>
    fatal('missing-expiration-params', 'missing ticket expiration params in payment'),
  missingPrice: () => fatal('missing-price', 'missing expected price in payment'),
  senderUnreadable: (sender: Hex, why: string) =>
    fatal('sender-unreadable', `could not get sender info for ${sender}: ${why}`),
  senderUnlocking: (sender: Hex) =>
    fatal('sender-unlocking', `deposit and reserve for sender ${sender} is set to unlock soon`),
  invalidRecipient: () => fatal('invalid-recipient', 'invalid ticket recipient'),
  invalidSender: () => fatal('invalid-sender', 'invalid ticket sender'),
  invalidRand: (hash: Hex) =>
    fatal('invalid-recipient-rand', `invalid recipientRand for ticket recipientRandHash ${hash}`),
  invalidSignature: (nonce: number) => ofTicket('invalid-signature', 'invalid ticket signature', nonce),
  nonceSeen: (hash: Hex, nonce: number) =>
    ofTicket(
      'nonce-seen',
      `invalid ticket senderNonce: already seen recipientRandHash=${hash} nonce=${nonce}`,
      nonce,
    ),
  nonceLimit: (hash: Hex, nonce: number) =>
    ofTicket(
      'nonce-limit',
      `invalid ticket senderNonce: too many values recipientRandHash=${hash} nonce=${nonce}`,
      nonce,
    ),
  expired: (nonce: number) => ofTicket('params-expired', 'TicketParams expired', nonce),
} as const;
