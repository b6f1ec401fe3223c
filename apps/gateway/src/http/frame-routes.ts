import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiContext } from './api-context.ts';
import type { ConnectionCount } from './connection-count.ts';
import { FrameSocket } from './frame-socket.ts';
import { ownerOf } from './session-routes.ts';

/** The subprotocol of the frames socket. */
export const FRAMES_PROTOCOL = 'lp-frames';
const KEY_PREFIX = 'lp-key.';

/** The API key in `Sec-WebSocket-Protocol: lp-frames, lp-key.<base64url of the key>`: browsers can send no header. */
export function keyFromProtocols(request: FastifyRequest): string | undefined {
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((part) => part.trim()) ?? [];
  const encoded = offered.find((part) => part.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length);
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString('utf8');
}

/**
 * Prepares a server for WebSockets. Register it before every guard: only then does it close the connection of an
 * upgrade that a guard has refused.
 */
export async function acceptSockets(server: FastifyInstance, maxFrameBytes: number): Promise<void> {
  await server.register(websocket, {
    options: {
      maxPayload: maxFrameBytes + 64,
      perMessageDeflate: false,
      // Never echo the key back.
      handleProtocols: (protocols: Set<string>) => (protocols.has(FRAMES_PROTOCOL) ? FRAMES_PROTOCOL : false),
    },
    preClose(done) {
      for (const client of this.websocketServer.clients) client.close(1001, 'the gateway is shutting down');
      this.websocketServer.close();
      done();
    },
  });
}

/** `WS /sessions/{id}/frames`: pictures in, frames out (docs/gateway.md). Needs `acceptSockets`. */
export function frameRoutes(server: FastifyInstance, context: ApiContext, count: ConnectionCount): void {
  const released = new WeakMap<FastifyRequest, () => void>();
  server.get<{ Params: { id: string } }>(
    '/sessions/:id/frames',
    {
      websocket: true,
      // Refusals are HTTP answers, before the upgrade.
      preHandler: async (request) => {
        context.table.get(request.params.id, ownerOf(request));
        if (request.ws) released.set(request, count.take());
      },
    },
    (socket, request) => {
      const session = context.table.get(request.params.id, ownerOf(request));
      socket.once('close', () => released.get(request)?.());
      void new FrameSocket(socket, session, context).run();
    },
  );
}
