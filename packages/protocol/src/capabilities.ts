import { capabilities as capabilitiesType, type NetCapabilities } from './net-messages.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import type { Capabilities } from './types.ts';

/**
 * Reads a `net.Capabilities` message (payments.md section 1).
 *
 * @throws WireError `too-large`, `malformed-protobuf`
 */
export function decodeCapabilities(bytes: Uint8Array): Capabilities {
  return readCapabilities(readMessage(capabilitiesType, bytes));
}

/**
 * Writes a `net.Capabilities` message. Go writes `constraints` always: pass an empty one to match it.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodeCapabilities(capabilities: Capabilities): Uint8Array {
  return writeMessage(capabilitiesType, writeCapabilities(capabilities));
}

/** Domain value of the message. */
export function readCapabilities(message: NetCapabilities): Capabilities {
  const { constraints, ...rest } = message;
  if (constraints === undefined) return rest;
  const { minVersion, perCapability } = constraints;
  const models = [...perCapability].map(
    ([capability, constraint]) => [capability, constraint.models] as const,
  );
  return { ...rest, constraints: { minVersion, perCapability: new Map(models) } };
}

/** Message of a domain value. */
export function writeCapabilities(capabilities: Capabilities): NetCapabilities {
  const { bitstring, mandatories, capacities, version, constraints } = capabilities;
  const perCapability = [...(constraints?.perCapability ?? [])].map(
    ([capability, models]) => [capability, { models }] as const,
  );
  return {
    bitstring,
    mandatories,
    capacities,
    version,
    constraints: constraints && { minVersion: constraints.minVersion, perCapability: new Map(perCapability) },
  };
}
