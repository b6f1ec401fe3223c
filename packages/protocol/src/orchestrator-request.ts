import { bytesToHex, fitBytes, hexToBytes } from './byte-fields.ts';
import { readCapabilities, writeCapabilities } from './capabilities.ts';
import { orchestratorRequest } from './net-messages.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import type { OrchestratorRequest } from './types.ts';

const NOTHING = new Uint8Array(0);

/**
 * Reads a `net.OrchestratorRequest` message (payments.md section 1). An address of another length than 20 bytes is cropped
 * or left-padded, as Go does.
 *
 * @throws WireError `too-large`, `malformed-protobuf`
 */
export function decodeOrchestratorRequest(bytes: Uint8Array): OrchestratorRequest {
  const { address, sig, capabilities, ignoreCapacityCheck } = readMessage(orchestratorRequest, bytes);
  return {
    ...(address.length > 0 && { address: bytesToHex(fitBytes(address, 20)) }),
    ...(sig.length > 0 && { sig }),
    ...(capabilities && { capabilities: readCapabilities(capabilities) }),
    ignoreCapacityCheck,
  };
}

/**
 * Writes a `net.OrchestratorRequest` message.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodeOrchestratorRequest(request: OrchestratorRequest): Uint8Array {
  const { address, sig = NOTHING, capabilities, ignoreCapacityCheck } = request;
  return writeMessage(orchestratorRequest, {
    address: address === undefined ? NOTHING : hexToBytes(address, 20, 'address'),
    sig,
    capabilities: capabilities && writeCapabilities(capabilities),
    ignoreCapacityCheck,
  });
}
