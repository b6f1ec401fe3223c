import { FetchRequest, isCallException, isHexString, JsonRpcProvider, Network } from 'ethers';
import { abortable } from './abortable.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { ChainError } from './chain-error.ts';
import { readRevert } from './revert-reason.ts';

/** Anything that sends a JSON-RPC request: ethers' `JsonRpcProvider` and `BrowserProvider` fit. */
export interface RpcProvider {
  // ethers types the parameters and the answer as `any`; unknown is what is known of them.
  send(method: string, params: unknown[]): Promise<unknown>;
}

/** Requests to one node, with errors of one kind. */
export interface Rpc {
  /** @throws ChainError `unreachable`, `rejected` or `reverted`; the signal's reason. */
  send(method: string, params: unknown[], signal?: AbortSignal): Promise<unknown>;
}

const TIMEOUT_MS = 15_000;
/** Most of one answer, a batch of them included: room for tens of thousands of events. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Calls made together go out together; most nodes take at least so many. */
const BATCH = 50;

/** Requests through a provider of the caller. */
export const providerRpc = (provider: RpcProvider): Rpc => ({
  async send(method, params, signal) {
    signal?.throwIfAborted();
    try {
      return await abortable(provider.send(method, params), signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw chainErrorOf(method, error);
    }
  },
});

/**
 * Requests to a URL. The chain id is read at the first use: a provider of ethers that looks for it by itself retries
 * for ever and writes to the console.
 */
export function urlRpc(url: string): Rpc {
  let connection: Promise<Rpc> | undefined;
  const connect = async (): Promise<Rpc> => {
    const request = new FetchRequest(url);
    request.timeout = TIMEOUT_MS;
    request.getUrlFunc = boundedFetch(MAX_ANSWER_BYTES);
    const network = Network.from(await chainId(request.clone()));
    return providerRpc(
      new JsonRpcProvider(request, network, {
        staticNetwork: network,
        batchMaxCount: BATCH,
        batchStallTime: 0,
        cacheTimeout: -1,
      }),
    );
  };
  return {
    async send(method, params, signal) {
      signal?.throwIfAborted();
      connection ??= connect().catch((error: unknown) => {
        connection = undefined; // the next call tries again
        throw error;
      });
      return (await abortable(connection, signal)).send(method, params, signal);
    },
  };
}

async function chainId(request: FetchRequest): Promise<bigint> {
  request.body = { jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] };
  try {
    const response = await request.send();
    response.assertOk();
    return BigInt((response.bodyJson as { result: string }).result);
  } catch (cause) {
    throw new ChainError('unreachable', 'the Ethereum node does not tell its chain id; check the RPC URL', {
      cause: withoutUrl(cause),
    });
  }
}

/** Sorts an error of ethers or of a provider into the kinds a caller can act on. */
function chainErrorOf(method: string, error: unknown): ChainError {
  if (error instanceof ChainError) return error;
  const refusal = refusalOf(error);
  const revertData = isCallException(error) ? error.data : refusal?.data;
  if (method === 'eth_call' && (isCallException(error) || isHexString(revertData))) {
    const revert = readRevert(revertData);
    return new ChainError('reverted', `the contract refuses: ${revert.text || 'no reason given'}`, {
      cause: withoutUrl(error),
      revert,
    });
  }
  const cause = withoutUrl(error);
  if (refusal !== undefined) {
    return new ChainError('rejected', `the node refuses ${method}: ${refusal.message}`, { cause });
  }
  return new ChainError('unreachable', `the node did not answer ${method}`, { cause });
}

/**
 * What failed, fit for a log. Errors of ethers carry the whole request in message and fields: its URL, which holds the
 * key of a hosted node, and the call, which may hold a recipientRand. Kept are its kind and its short message.
 */
function withoutUrl(error: unknown): Error {
  const { shortMessage, message, code } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly shortMessage?: unknown;
    readonly message?: unknown;
    readonly code?: unknown;
  };
  const text = [shortMessage, message].find((one) => typeof one === 'string') ?? 'no reason given';
  const plain = new Error(String(text).replaceAll(/\b(https?|wss?):\/\/[^\s"'<>]+/gi, '[url]'));
  return code === undefined ? plain : Object.assign(plain, { code });
}

/** The JSON-RPC error object inside an error, wherever the provider keeps it. */
function refusalOf(error: unknown): { message: string; data?: string } | undefined {
  // Errors of foreign code: each step of the path is checked before it is used.
  const outer = error as { error?: unknown; info?: { error?: unknown; payload?: unknown } } | undefined;
  for (const inner of [outer?.error, outer?.info?.error]) {
    if (typeof inner !== 'object' || inner === null || !('message' in inner)) continue;
    const data = 'data' in inner && typeof inner.data === 'string' ? inner.data : undefined;
    return { message: String(inner.message), ...(data === undefined ? {} : { data }) };
  }
  return undefined;
}
