import {
  decodeWith,
  encodeWith,
  type HeartbeatRequest,
  type HeartbeatResponse,
  heartbeatRequest,
  heartbeatResponse,
  JsonDecimal,
  parseJson,
  type RunnerPrice,
  stringifyJson,
  WireError,
} from '@lp/protocol';
import { type Transport, TransportError } from '@lp/runtime';
import { errorText } from './error-text.ts';

const TIMEOUT_MS = 5_000;
const MAX_BODY_BYTES = 256 * 1024;

/** What one heartbeat brought. */
export type Beat =
  | { readonly kind: 'ok'; readonly answer: HeartbeatResponse }
  /** An HTTP refusal. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** No answer, or one that cannot be read. */
  | { readonly kind: 'failed'; readonly message: string; readonly cause: unknown };

/** Sends one heartbeat (live-runner.md section 4.1). Never throws, except for a bug. */
export async function sendHeartbeat(
  transport: Transport,
  call: { base: string; secret: string; body: HeartbeatRequest; signal: AbortSignal },
): Promise<Beat> {
  try {
    const response = await transport.request({
      method: 'POST',
      url: `${call.base}/runners/heartbeat`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: call.secret,
      },
      body: stringifyJson(wireBody(call.body)),
      timeoutMs: TIMEOUT_MS,
      maxBodyBytes: MAX_BODY_BYTES,
      signal: call.signal,
    });
    if (response.status !== 200) {
      return { kind: 'refused', status: response.status, message: errorText(response) };
    }
    return { kind: 'ok', answer: decodeWith(heartbeatResponse, parseJson(response.body)) };
  } catch (cause) {
    if (cause instanceof TransportError || cause instanceof WireError) {
      return { kind: 'failed', message: cause.message, cause };
    }
    throw cause;
  }
}

function wireBody(body: HeartbeatRequest): unknown {
  const wire = encodeWith(heartbeatRequest, body);
  if (body.price_info === undefined) return wire;
  // Built by `describeRunner`; the price travels as a bare number.
  const price = body.price_info as RunnerPrice;
  return { ...wire, price_info: { ...price, price: new JsonDecimal(price.price) } };
}
