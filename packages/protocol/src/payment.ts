import { bytesToHex, fitBytes, hexToBytes } from './byte-fields.ts';
import { payment as paymentType } from './net-messages.ts';
import { readPriceInfo, writePriceInfo } from './price-info.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import {
  readExpirationParams,
  readTicketParams,
  writeExpirationParams,
  writeTicketParams,
} from './ticket-params.ts';
import type { Payment } from './types.ts';

/**
 * Reads a `net.Payment` message (payments.md section 3.1). No bytes at all is an empty payment.
 *
 * @throws WireError `too-large`, `malformed-protobuf`, `invalid-field`
 */
export function decodePayment(bytes: Uint8Array): Payment {
  const message = readMessage(paymentType, bytes);
  const { ticketParams, sender, expirationParams, ticketSenderParams, expectedPrice } = message;
  return {
    ...(ticketParams && { ticketParams: readTicketParams(ticketParams) }),
    ...(sender.length > 0 && { sender: bytesToHex(fitBytes(sender, 20)) }),
    ...(expirationParams && { expirationParams: readExpirationParams(expirationParams) }),
    ticketSenderParams,
    ...(expectedPrice && { expectedPrice: readPriceInfo(expectedPrice) }),
  };
}

/**
 * Writes a `net.Payment` message.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodePayment(payment: Payment): Uint8Array {
  const { ticketParams, sender, expirationParams, ticketSenderParams, expectedPrice } = payment;
  return writeMessage(paymentType, {
    ticketParams: ticketParams && writeTicketParams(ticketParams),
    sender: sender === undefined ? new Uint8Array(0) : hexToBytes(sender, 20, 'sender'),
    expirationParams: expirationParams && writeExpirationParams(expirationParams),
    ticketSenderParams,
    expectedPrice: expectedPrice && writePriceInfo(expectedPrice),
  });
}
