import { bytesToHex } from '@lp/pm';
import { decodePaymentHeader } from '@lp/protocol';
import { expect } from 'vitest';

/** The answers that clients got, whoever gave them, and that no nonce among them is signed for different content. */
export class PaidAnswers {
  /** Signature of each ticket by params and nonce. */
  readonly tickets = new Map<string, string>();
  /** Distinct answers. */
  readonly answers = new Set<string>();

  /** Takes the body of a 200; returns the state in it. */
  take(text: string): object {
    const { payment, state } = JSON.parse(text) as { payment: string; state: object }; // the signer's answer
    const { ticketParams, ticketSenderParams } = decodePaymentHeader(payment);
    expect(ticketSenderParams).toHaveLength(1);
    for (const { senderNonce, sig } of ticketSenderParams) {
      const key = `${ticketParams?.recipientRandHash} ${senderNonce}`;
      const signature = bytesToHex(sig);
      expect(this.tickets.get(key) ?? signature).toBe(signature);
      this.tickets.set(key, signature);
    }
    this.answers.add(payment);
    return state;
  }
}
