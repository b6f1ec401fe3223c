import { fetchRunnerList, listRequests, type RunnerOffer } from '@lp/discovery';
import {
  fetchOrchestratorInfo,
  type OfferedCapability,
  OrchestratorRpcError,
  offeredCapabilities,
} from '@lp/discovery/grpc';
import type { Hex, OrchestratorInfo } from '@lp/protocol';
import type { Clock, Transport } from '@lp/runtime';
import type { Login } from '../keys/login.ts';

/** What asking an orchestrator takes. */
export interface AskPorts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Who asks; orchestrators on-chain tell their prices to senders only. */
  readonly login: Login;
  readonly signal: AbortSignal;
}

/** One half of what an orchestrator says: an answer, or why there is none. */
export type HalfAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      /** The orchestrator has no such half, and that is all right. */
      readonly absent: boolean;
    };

/** What `GetOrchestrator` tells, as far as discovery lists it. */
export interface Capabilities {
  /** The service URL that the orchestrator claims; may be any text. */
  readonly serviceUrl: string;
  /** On the chain: its node's, and who is paid. */
  readonly accounts: readonly Hex[];
  readonly offered: readonly OfferedCapability[];
}

const TIMEOUT_MS = 5000;

/** Its `GET /discovery`. Rejects with the reason of the signal only. */
export async function askRunners(
  url: string,
  { transport, clock, signal }: AskPorts,
): Promise<HalfAnswer<readonly RunnerOffer[]>> {
  const { requests, failures } = listRequests([{ kind: 'orchestrators', urls: [url] }]);
  const [request] = requests;
  const answer =
    request === undefined
      ? { ok: false as const, failure: failures[0] }
      : await fetchRunnerList(request, { transport, clock, signal, timeoutMs: TIMEOUT_MS });
  if (answer.ok) return { ok: true, value: answer.offers };
  const { code, message, status } = answer.failure ?? { code: 'invalid-address', message: 'no address' };
  return { ok: false, code, message, absent: status === 404 };
}

/** Its gRPC `GetOrchestrator`. Rejects with the reason of the signal only. */
export async function askCapabilities(url: string, ports: AskPorts): Promise<HalfAnswer<Capabilities>> {
  const { transport, login, signal } = ports;
  try {
    const info = await fetchOrchestratorInfo(url, {
      transport,
      signal,
      sender: login,
      timeoutMs: TIMEOUT_MS,
    });
    return { ok: true, value: capabilitiesOf(info) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OrchestratorRpcError)) throw error;
    const { code, message } = error;
    return { ok: false, code, message, absent: code === 'unimplemented' };
  }
}

/** Reads an answer of `GetOrchestrator`. */
export function capabilitiesOf(info: OrchestratorInfo): Capabilities {
  const { transcoder, address, ticketParams } = info;
  return {
    serviceUrl: transcoder,
    accounts: ticketParams === undefined ? [address] : [address, ticketParams.recipient],
    offered: offeredCapabilities(info),
  };
}
