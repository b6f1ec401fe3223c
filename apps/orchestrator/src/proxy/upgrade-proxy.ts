import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  STATUS_CODES,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { Refusal } from '../errors.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { forwardedHeaders, isAppPath, type ProxyTarget, proxyTarget, unreachable } from './target.ts';

const CONNECT_TIMEOUT_MS = 30_000;

/**
 * Lets `server` switch protocols for the applications of sessions. Every other request that offers an upgrade, such as
 * `h2c`, which some clients offer with each request, is answered as if it did not (Node 24.9 and later; older ones
 * answer it with 404).
 */
export function acceptUpgrades(server: Server, orchestrator: Orchestrator): void {
  Object.assign(server, {
    shouldUpgradeCallback: ({ headers, url = '' }: IncomingMessage): boolean =>
      isAppPath(url) && headers.upgrade?.toLowerCase() !== 'h2c',
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    proxyUpgrade(orchestrator, request, socket, head),
  );
}

/**
 * Handles a request to switch protocols (WebSocket) for a session's application: connects to the runner and joins the
 * two sockets until either side or the session ends.
 */
function proxyUpgrade(
  orchestrator: Orchestrator,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on('error', () => socket.destroy());
  let target: ProxyTarget | undefined;
  let upstream: ClientRequest;
  // Nobody catches for an event: what escapes here would end the process.
  try {
    target = proxyTarget(orchestrator, request.url ?? '');
    if (target === undefined) {
      refuse(socket, 404, 'not found');
      return;
    }
    upstream = openUpstream(orchestrator, request, target);
  } catch (error) {
    if (error instanceof Refusal) refuse(socket, error.status, error.message, error.headers);
    else refuse(socket, 502, unreachable(error));
    return;
  }
  const { released } = target.session;
  upstream.once('timeout', () =>
    upstream.destroy(Object.assign(new Error('the runner did not answer in time'), { code: 'ETIMEDOUT' })),
  );
  upstream.once('error', (error) =>
    refuse(socket, 502, released.aborted ? 'the session ended' : unreachable(error)),
  );
  upstream.once('response', (answer) => {
    refuse(socket, answer.statusCode ?? 502, 'the runner did not switch protocols');
    answer.destroy();
  });
  upstream.once('upgrade', (answer, peer, peerHead) => {
    socket.write(statusLine(101) + rawHeaders(answer.rawHeaders));
    if (peerHead.length > 0) socket.write(peerHead);
    if (head.length > 0) peer.write(head);
    const end = (): void => {
      released.removeEventListener('abort', end);
      socket.destroy();
      peer.destroy();
    };
    released.addEventListener('abort', end, { once: true });
    for (const side of [socket, peer]) side.once('close', end).once('error', end);
    socket.pipe(peer).pipe(socket);
  });
  socket.once('close', () => upstream.destroy());
  upstream.end();
}

/** Asks the runner to switch protocols. @throws TypeError for headers that cannot be sent. */
function openUpstream(
  orchestrator: Orchestrator,
  request: IncomingMessage,
  target: ProxyTarget,
): ClientRequest {
  const connect = target.url.protocol === 'https:' ? httpsRequest : httpRequest;
  return connect(target.url, {
    method: request.method,
    headers: {
      ...forwardedHeaders(request.headers, target, orchestrator.urls().runner),
      connection: 'Upgrade',
      upgrade: request.headers.upgrade,
    },
    timeout: CONNECT_TIMEOUT_MS,
    signal: target.session.released,
  });
}

const statusLine = (status: number): string => `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;

function rawHeaders(raw: readonly string[]): string {
  let text = '';
  for (let index = 0; index + 1 < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`;
  return `${text}\r\n`;
}

function refuse(
  socket: Duplex,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!socket.writable) return;
  const body = `${message}\n`;
  const lines = Object.entries({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }).flat();
  socket.end(statusLine(status) + rawHeaders(lines) + body);
}
