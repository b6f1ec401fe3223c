import { bytesToHex, fitBytes, hexToBytes } from './byte-fields.ts';
import * as net from './gen/net/live_payment_pb.ts';
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
  const message = readMessage(net.PaymentSchema, bytes);
  const { ticketParams, sender, expirationParams, expectedPrice } = message;
  return {
    ...(ticketParams && { ticketParams: readTicketParams(ticketParams) }),
    ...(sender.length > 0 && { sender: bytesToHex(fitBytes(sender, 20)) }),
    ...(expirationParams && { expirationParams: readExpirationParams(expirationParams) }),
    ticketSenderParams: message.ticketSenderParams.map(({ senderNonce, sig }) => ({ senderNonce, sig })),
    ...(expectedPrice && { expectedPrice: readPriceInfo(expectedPrice) }),
  };
}

/**
 * Writes a `net.Payment` message.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodePayment(payment: Payment): Uint8Array {
  const { ticketParams, sender, expirationParams, expectedPrice } = payment;
  return writeMessage(net.PaymentSchema, {
    ...(ticketParams && { ticketParams: writeTicketParams(ticketParams) }),
    ...(sender && { sender: hexToBytes(sender, 20, 'sender') }),
    ...(expirationParams && { expirationParams: writeExpirationParams(expirationParams) }),
    ticketSenderParams: payment.ticketSenderParams.map(({ senderNonce, sig }) => ({ senderNonce, sig })),
    ...(expectedPrice && { expectedPrice: writePriceInfo(expectedPrice) }),
  });
}
