import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** A response with the headers that every answer on this connection carries (request id, CORS). */
export interface Reply {
  readonly raw: ServerResponse;
  readonly baseHeaders: OutgoingHttpHeaders;
}

/** Status 470 has no standard text. */
const STATUS_TEXT: Readonly<Record<number, string>> = { 470: 'Segment Unavailable' };

/** Starts an answer; its body follows on `reply.raw`. */
export const sendHead = (reply: Reply, status: number, headers: OutgoingHttpHeaders): void => {
  const all = { ...reply.baseHeaders, ...headers };
  const text = STATUS_TEXT[status];
  if (text === undefined) reply.raw.writeHead(status, all);
  else reply.raw.writeHead(status, text, all);
};

/** An answer without a body. */
export const sendEmpty = (reply: Reply, status: number, headers: OutgoingHttpHeaders = {}): void => {
  sendHead(reply, status, { ...headers, 'content-length': 0 });
  reply.raw.end();
};

/** An answer in one line of text. */
export const sendText = (
  reply: Reply,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void => {
  sendHead(reply, status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  reply.raw.end(text);
};

/** A refusal as upstream words it: text and a newline. */
export const refuse = (reply: Reply, status: number, text: string, headers: OutgoingHttpHeaders = {}): void =>
  sendText(reply, status, `${text}\n`, headers);
