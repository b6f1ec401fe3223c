import {
  type Capabilities,
  decodeOrchestratorInfo,
  encodeOrchestratorRequest,
  type Hex,
  type OrchestratorInfo,
  WireError,
} from '@lp/protocol';
import type { Transport } from '@lp/runtime';
import { AddressError, originUrl } from '../address.ts';
import { OrchestratorRpcError } from './orchestrator-rpc-error.ts';
import { unaryCall } from './unary-call.ts';

/** Largest `OrchestratorInfo` that is read, in bytes: it lists the hardware of a whole site. */
export const MAX_INFO_BYTES = 1 << 20;

const PATH = '/net.Orchestrator/GetOrchestrator';

/** How an orchestrator is asked. */
export interface OrchestratorInfoOptions {
  /**
   * Decides on certificates, private addresses and time: Node's, which speaks HTTP/2. Orchestrators mostly sign their own
   * certificates: use one with `tls: 'pin'`, or one that verifies where it can.
   */
  readonly transport: Transport;
  /** Deadline of the whole call, milliseconds; the orchestrator is told. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Who asks: the answer of `/sign-orchestrator-info`. Without it only orchestrators off-chain answer. */
  readonly sender?: { readonly address: Hex; readonly signature: Uint8Array } | undefined;
  /** Answer also when there is no free capacity. Default true, as for a list of orchestrators. */
  readonly ignoreCapacity?: boolean;
  /** Ask for the price of these only; without them the answer lists all prices. */
  readonly capabilities?: Capabilities;
}

/**
 * Asks an orchestrator for terms, capabilities and prices: gRPC `net.Orchestrator/GetOrchestrator` (payments.md section 1).
 * `https` addresses are asked over TLS, `http` ones over plain HTTP/2; a path is dropped, as Go does.
 *
 * @throws OrchestratorRpcError; WireError `invalid-field` when the sender's address is none; the reason of `signal`.
 * @example
 * await using transport = createTransport({ tls: 'pin' });
 * const info = await fetchOrchestratorInfo('https://orchestrator.example:8935', { transport, sender, timeoutMs: 5_000 });
 */
export async function fetchOrchestratorInfo(
  address: string,
  options: OrchestratorInfoOptions,
): Promise<OrchestratorInfo> {
  const { transport, timeoutMs, signal, sender, ignoreCapacity = true, capabilities } = options;
  signal?.throwIfAborted();
  const origin = originOf(address);
  const message = encodeOrchestratorRequest({
    ...(sender !== undefined && { address: sender.address, sig: sender.signature }),
    ...(capabilities !== undefined && { capabilities }),
    ignoreCapacityCheck: ignoreCapacity,
  });
  const maxBytes = MAX_INFO_BYTES;
  const answer = await unaryCall(origin, { path: PATH, message, transport, timeoutMs, signal, maxBytes });
  try {
    return decodeOrchestratorInfo(answer, { maxBytes });
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new OrchestratorRpcError('malformed', `${origin} answered ${cause.message}`, {
      url: origin,
      cause,
    });
  }
}

function originOf(address: string): string {
  try {
    return originUrl(address, '');
  } catch (cause) {
    if (!(cause instanceof AddressError)) throw cause;
    throw new OrchestratorRpcError('invalid-address', cause.message, { url: '', cause });
  }
}
