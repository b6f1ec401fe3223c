import type { MessageInitShape } from '@bufbuild/protobuf';
import * as net from './gen/net/live_payment_pb.ts';
import { readMessage, writeMessage } from './protobuf.ts';
import type { Capabilities, ModelConstraint } from './types.ts';

/**
 * Reads a `net.Capabilities` message (payments.md section 1).
 *
 * @throws WireError `too-large`, `malformed-protobuf`
 */
export function decodeCapabilities(bytes: Uint8Array): Capabilities {
  return readCapabilities(readMessage(net.CapabilitiesSchema, bytes));
}

/**
 * Writes a `net.Capabilities` message. Go writes `constraints` always: pass an empty one to match it.
 *
 * @throws WireError `invalid-field`, `too-large`
 */
export function encodeCapabilities(capabilities: Capabilities): Uint8Array {
  return writeMessage(net.CapabilitiesSchema, writeCapabilities(capabilities));
}

/** Domain value of the message. */
export function readCapabilities(message: net.Capabilities): Capabilities {
  const { constraints } = message;
  return {
    bitstring: message.bitstring,
    mandatories: message.mandatories,
    capacities: numberMap(message.capacities, (capacity) => capacity),
    version: message.version,
    ...(constraints && {
      constraints: {
        minVersion: constraints.minVersion,
        perCapability: numberMap(
          constraints.PerCapability,
          ({ models }) => new Map(Object.entries(models).map(([id, model]) => [id, readModel(model)])),
        ),
      },
    }),
  };
}

/** Message of a domain value. */
export function writeCapabilities(
  capabilities: Capabilities,
): MessageInitShape<typeof net.CapabilitiesSchema> {
  const { constraints } = capabilities;
  return {
    bitstring: [...capabilities.bitstring],
    mandatories: [...capabilities.mandatories],
    capacities: Object.fromEntries(capabilities.capacities),
    version: capabilities.version,
    ...(constraints && {
      constraints: {
        minVersion: constraints.minVersion,
        PerCapability: Object.fromEntries(
          [...constraints.perCapability].map(([capability, models]) => [
            capability,
            { models: Object.fromEntries(models) },
          ]),
        ),
      },
    }),
  };
}

function readModel(message: net.Capabilities_ModelConstraint): ModelConstraint {
  const { warm, capacity, runnerVersion, capacityInUse } = message;
  return { warm, capacity, runnerVersion, capacityInUse };
}

function numberMap<In, Out>(
  entries: Readonly<Record<number, In>>,
  read: (value: In) => Out,
): ReadonlyMap<number, Out> {
  return new Map(Object.entries(entries).map(([key, value]) => [Number(key), read(value)]));
}
