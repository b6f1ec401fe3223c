import { type Capabilities, decodeCapabilities } from '@lp/protocol';
import { SignerRefusal } from './refusal.ts';

/**
 * The `capabilities` of a request with their maps in order of the keys: Go writes a map in another order every time, and
 * the same request has to have the same answer.
 *
 * @throws SignerRefusal 400 `malformed-capabilities`.
 */
export function readCapabilities(bytes: Uint8Array): Capabilities | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return inOrder(decodeCapabilities(bytes));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'undecodable capabilities';
    throw new SignerRefusal(400, 'malformed-capabilities', message, { cause });
  }
}

function inOrder({ capacities, constraints, ...rest }: Capabilities): Capabilities {
  return {
    ...rest,
    capacities: sorted(capacities),
    ...(constraints !== undefined && {
      constraints: {
        ...constraints,
        perCapability: new Map(
          [...sorted(constraints.perCapability)].map(([capability, models]) => [capability, sorted(models)]),
        ),
      },
    }),
  };
}

function sorted<K extends number | string, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return map.size < 2 ? map : new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
