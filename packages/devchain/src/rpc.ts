/** One JSON-RPC request. */
export interface RpcCall {
  readonly method: string;
  readonly params?: readonly unknown[];
}

/** A refusal by the node, with its code and message. */
export class RpcError extends Error {
  readonly code: number;

  constructor(call: RpcCall, error: { code: number; message: string }) {
    super(`${call.method}: ${error.message}`);
    this.name = 'RpcError';
    this.code = error.code;
  }
}

interface RpcAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const TIMEOUT_MS = 20_000;

/**
 * A JSON-RPC client of a node on this machine: a list of calls goes out as one request, answers come back in order.
 * The node may run the calls of one list side by side.
 *
 * @throws {@link RpcError} for the first refused call
 */
export function jsonRpc(
  url: string,
): (calls: readonly RpcCall[], signal?: AbortSignal) => Promise<unknown[]> {
  return async (calls, signal) => {
    if (calls.length === 0) return [];
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        calls.map(({ method, params = [] }, id) => ({ jsonrpc: '2.0', id, method, params })),
      ),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    // The node answers a list of requests with a list of answers, each with the id of its request.
    const answers = (await response.json()) as RpcAnswer[];
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    return calls.map((call, id) => {
      const answer = byId.get(id);
      if (answer === undefined) throw new Error(`${call.method}: no answer`);
      if (answer.error !== undefined) throw new RpcError(call, answer.error);
      return answer.result;
    });
  };
}
