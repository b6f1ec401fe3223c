import type { FastifyInstance } from 'fastify';

const draining = new WeakSet<object>();

/** True from the moment a server has begun to close. */
export function isDraining(server: FastifyInstance): boolean {
  return draining.has(server.server);
}

/**
 * Makes `server.close()` quick with kept-alive clients: while closing, every answer carries `connection: close`,
 * so a client that is busy when the close begins leaves after its answer.
 */
export function drainOnClose(server: FastifyInstance): void {
  server.addHook('preClose', async () => void draining.add(server.server));
  server.addHook('onSend', async (_request, reply, payload) => {
    if (draining.has(server.server)) reply.header('connection', 'close');
    return payload;
  });
}

/**
 * Closes gracefully; when `signal` aborts first, cuts the connections that are left and closes anyway.
 * Resolves to how it went.
 */
export async function closeServer(server: FastifyInstance, signal: AbortSignal): Promise<'drained' | 'cut'> {
  let how: 'drained' | 'cut' = 'drained';
  const cut = () => {
    how = 'cut';
    server.server.closeAllConnections();
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    draining.add(server.server);
    const closed = server.close();
    if (signal.aborted) cut();
    await closed;
    return how;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}
