import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseJson, stringifyJson } from '@lp/protocol';

const MAX_BODY_BYTES = 1024 * 1024;

/** A refusal as upstream words it: text and a line feed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The request's JSON; an empty body is `{}`. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Node's stream gives Buffers when no encoding is set.
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'body too large');
    chunks.push(chunk);
  }
  return size === 0 ? {} : parseJson(Buffer.concat(chunks));
}

/** Answers JSON. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(stringifyJson(value));
}

/** Answers text and a line feed, as upstream's errors do. */
export function sendText(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

/** Passes a request on to `target` with extra headers, and the answer back, both as streams. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = httpRequest(target, {
    method: request.method ?? 'GET',
    headers: { ...request.headers, ...headers, host: target.host, connection: 'close' },
  });
  outgoing.once('response', resolve).once('error', reject);
  const sent = pipeline(request, outgoing).catch(() => {});
  const incoming = await promise.catch((cause: unknown) => {
    throw new Refusal(502, cause instanceof Error ? cause.message : 'no answer');
  });
  response.writeHead(incoming.statusCode ?? 502, incoming.headers);
  await pipeline(incoming, response);
  await sent;
}
