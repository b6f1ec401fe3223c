import { readAuthToken, writeAuthToken } from './auth-token.ts';
import { bytesToHex, fitBytes, hexToBytes } from './byte-fields.ts';
import { readCapabilities, writeCapabilities } from './capabilities.ts';
import { type NetOrchestratorInfo, orchestratorInfo, paymentResult } from './net-messages.ts';
import { readPriceInfo, writePriceInfo } from './price-info.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import { readTicketParams, writeTicketParams } from './ticket-params.ts';
import type { OrchestratorInfo, PaymentResult } from './types.ts';

/**
 * Reads a `net.OrchestratorInfo` message (payments.md section 1). Address and hashes are cropped or left-padded
 * to their length, as Go does: an absent address reads as the zero address. `maxBytes` is 256 KiB unless given:
 * an answer of `GetOrchestrator` lists the hardware of a whole site and may have more.
 *
 * @throws WireError `too-large`, `malformed-protobuf`, `invalid-field`
 */
export function decodeOrchestratorInfo(
  bytes: Uint8Array,
  { maxBytes }: { readonly maxBytes?: number } = {},
): OrchestratorInfo {
  return readOrchestratorInfo(readMessage(orchestratorInfo, bytes, maxBytes));
}

/**
 * Writes a `net.OrchestratorInfo` message.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodeOrchestratorInfo(info: OrchestratorInfo): Uint8Array {
  return writeMessage(orchestratorInfo, writeOrchestratorInfo(info));
}

/**
 * Reads a `net.PaymentResult`, the body of a 200 from the payment endpoints (payments.md section 1).
 *
 * @throws WireError `too-large`, `malformed-protobuf`, `invalid-field`
 */
export function decodePaymentResult(bytes: Uint8Array): PaymentResult {
  const { info } = readMessage(paymentResult, bytes);
  return info ? { info: readOrchestratorInfo(info) } : {};
}

/**
 * Writes a `net.PaymentResult`.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodePaymentResult(result: PaymentResult): Uint8Array {
  return writeMessage(paymentResult, { info: result.info && writeOrchestratorInfo(result.info) });
}

function readOrchestratorInfo(message: NetOrchestratorInfo): OrchestratorInfo {
  const { ticketParams, priceInfo, capabilities, authToken, capabilitiesPrices, nodes } = message;
  return {
    transcoder: message.transcoder,
    ...(ticketParams && { ticketParams: readTicketParams(ticketParams) }),
    ...(priceInfo && { priceInfo: readPriceInfo(priceInfo) }),
    address: bytesToHex(fitBytes(message.address, 20)),
    ...(capabilities && { capabilities: readCapabilities(capabilities) }),
    ...(authToken && { authToken: readAuthToken(authToken) }),
    ...(capabilitiesPrices.length > 0 && { capabilitiesPrices: capabilitiesPrices.map(readPriceInfo) }),
    ...(nodes.length > 0 && { nodes }),
  };
}

function writeOrchestratorInfo(info: OrchestratorInfo): NetOrchestratorInfo {
  const { ticketParams, priceInfo, capabilities, authToken, capabilitiesPrices = [], nodes = [] } = info;
  return {
    transcoder: info.transcoder,
    ticketParams: ticketParams && writeTicketParams(ticketParams),
    priceInfo: priceInfo && writePriceInfo(priceInfo),
    address: hexToBytes(info.address, 20, 'address'),
    capabilities: capabilities && writeCapabilities(capabilities),
    authToken: authToken && writeAuthToken(authToken),
    capabilitiesPrices: capabilitiesPrices.map(writePriceInfo),
    nodes,
  };
}
