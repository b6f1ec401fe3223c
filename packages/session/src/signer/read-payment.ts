import { evQuanta } from '@lp/pm';
import { comparePrice, priceOfWire } from '@lp/pricing';
import { decodePaymentHeader, WireError } from '@lp/protocol';
import type { Terms } from '../funding/terms.ts';
import type { MintedPayment } from './answer.ts';

/**
 * Looks into a payment before it is sent: how many tickets it holds and what they are worth. The signer is believed
 * in nothing that can be read off the payment itself.
 *
 * @returns undefined for a payment without tickets
 * @throws WireError when it cannot be read, or is for other terms than asked
 */
export function readPayment(
  headers: { readonly payment: string; readonly segment: string },
  terms: Terms,
): MintedPayment | undefined {
  const payment = decodePaymentHeader(headers.payment);
  const { ticketParams, expectedPrice } = payment;
  const tickets = payment.ticketSenderParams;
  if (ticketParams === undefined || tickets.length === 0) return undefined;
  if (ticketParams.recipientRandHash !== terms.recipientRandHash) {
    throw new WireError('invalid-field', 'the payment is for other ticket params');
  }
  const ev = evQuanta(ticketParams.faceValue, ticketParams.winProb);
  if (ev !== terms.evQuanta) throw new WireError('invalid-field', 'the tickets are of another value');
  if (
    expectedPrice === undefined ||
    expectedPrice.pixelsPerUnit <= 0n ||
    comparePrice(priceOfWire(expectedPrice, terms.price.unit), terms.price) !== 0
  ) {
    throw new WireError('invalid-field', 'the payment names another price');
  }
  return {
    payment: headers.payment,
    segment: headers.segment,
    tickets: tickets.length,
    lastNonce: tickets.at(-1)?.senderNonce ?? 0,
    recipientRandHash: ticketParams.recipientRandHash,
    quanta: ev * BigInt(tickets.length),
    evQuanta: ev,
  };
}
