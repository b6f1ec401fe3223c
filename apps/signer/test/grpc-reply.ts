import { encodeOrchestratorInfo, type ModelConstraint, type OrchestratorInfo } from '@lp/protocol';
import type { RouteReply } from '@lp/runtime/testing';

const MODEL: ModelConstraint = { warm: true, capacity: 1, runnerVersion: '', capacityInUse: 0 };

/** An orchestrator with models by capability number, at 3 wei per unit. */
export function infoOf(
  transcoder: string,
  models: Readonly<Record<number, readonly string[]>>,
  change: Partial<OrchestratorInfo> = {},
): OrchestratorInfo {
  const perCapability = new Map(
    Object.entries(models).map(([capability, names]) => [
      Number(capability),
      new Map(names.map((name) => [name, MODEL])),
    ]),
  );
  return {
    transcoder,
    address: `0x${'aa'.repeat(20)}`,
    priceInfo: { pricePerUnit: 3n, pixelsPerUnit: 1n },
    capabilities: {
      bitstring: [],
      mandatories: [],
      capacities: new Map(),
      version: '0.9.1',
      constraints: { minVersion: '', perCapability },
    },
    ...change,
  };
}

/** The answer of `GetOrchestrator` over a transport without a network. */
export function grpcReply(info: OrchestratorInfo): RouteReply {
  const message = encodeOrchestratorInfo(info);
  return {
    headers: { 'content-type': 'application/grpc' },
    body: framed(message),
    trailers: { 'grpc-status': '0' },
  };
}

/** gRPC's five bytes in front of a message. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}
