import { type HttpResponse, type Transport, TransportError } from '@lp/runtime';
import { OrchestratorRpcError, type OrchestratorRpcErrorCode } from './orchestrator-rpc-error.ts';
import { OK, statusText, UNIMPLEMENTED } from './status.ts';

/** Flag byte and length in front of each message. */
const PREFIX_BYTES = 5;
/** HTTP statuses of servers that do not know what they were asked. */
const NOT_THERE: ReadonlySet<number> = new Set([404, 405, 415, 501, 505]);
/** nghttp2: the bytes are not HTTP/2. */
const HTTP2_PROTOCOL_ERROR = -505;

/** One call with one message each way. */
export interface UnaryCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly message: Uint8Array;
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Largest message that is read, in bytes. */
  readonly maxBytes: number;
}

/**
 * A gRPC call over HTTP/2, uncompressed, as one request of the transport: its pins, limits and deadline hold. Written out
 * because that is all there is to a unary call; a gRPC library would bring a second set of codecs, TLS rules and timers.
 *
 * @throws OrchestratorRpcError; the reason of `signal`.
 */
export async function unaryCall(origin: string, call: UnaryCall): Promise<Uint8Array> {
  const { transport, timeoutMs, signal } = call;
  try {
    const response = await transport.request({
      method: 'POST',
      url: `${origin}${call.path}`,
      http2: true,
      headers: {
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${Math.min(Math.max(1, Math.ceil(timeoutMs)), 99_999_999)}m`,
      },
      body: framed(call.message),
      timeoutMs,
      maxBodyBytes: PREFIX_BYTES + call.maxBytes,
      ...(signal !== undefined && { signal }),
    });
    return messageOf(origin, response);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof TransportError)) throw error;
    if (isNotHttp2(error)) {
      throw new OrchestratorRpcError('unimplemented', `${origin} does not speak HTTP/2`, {
        url: origin,
        cause: error,
      });
    }
    throw new OrchestratorRpcError(error.code, error.message, { url: origin, cause: error });
  }
}

function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

function messageOf(origin: string, { status, headers, trailers, body }: HttpResponse): Uint8Array {
  const fail = (code: OrchestratorRpcErrorCode, text: string, number?: number): never => {
    throw new OrchestratorRpcError(code, `${origin} ${text}`, {
      url: origin,
      ...(number !== undefined && { status: number }),
    });
  };
  if (NOT_THERE.has(status)) fail('unimplemented', `answered ${status}`);
  if (status !== 200) fail('http-status', `answered ${status}`, status);
  if (!/^application\/grpc(?:[+;]|$)/i.test(headers['content-type']?.trim() ?? '')) {
    fail('unimplemented', 'answered something else than gRPC');
  }
  // An answer without a message has its status in the headers.
  const end = trailers?.['grpc-status'] === undefined ? headers : trailers;
  const text = end['grpc-status']?.trim() ?? '';
  if (!/^\d{1,3}$/.test(text)) fail('malformed', 'ended without a gRPC status');
  const code = Number(text);
  if (code !== OK) {
    const reason = statusText(code, end['grpc-message']);
    fail(code === UNIMPLEMENTED ? 'unimplemented' : 'refused', `refused: ${reason}`, code);
  }
  if (body.length < PREFIX_BYTES) fail('malformed', 'answered without a message');
  if (body[0] !== 0) fail('malformed', 'compressed its answer, which was not offered');
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1);
  if (length !== body.length - PREFIX_BYTES) fail('malformed', 'answered not exactly one message');
  return body.subarray(PREFIX_BYTES);
}

/** A server of HTTP/1.1 takes the first bytes of HTTP/2 for a bad request; over TLS the handshake settles it before. */
function isNotHttp2({ cause }: TransportError): boolean {
  return cause instanceof Error && 'errno' in cause && cause.errno === HTTP2_PROTOCOL_ERROR;
}
