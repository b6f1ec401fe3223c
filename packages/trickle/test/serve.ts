import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import {
  createTrickleServer,
  type TrickleRoutesOptions,
  type TrickleServer,
  type TrickleServerOptions,
  trickleRoutes,
} from '../src/server/index.ts';

/** A trickle server on a free loopback port. */
export interface ServedTrickle extends AsyncDisposable {
  readonly server: TrickleServer;
  readonly port: number;
  /** Base URL of the channels. */
  readonly base: string;
}

/** Starts a server with the orchestrator's mount point. */
export const serveTrickle = async (
  options: TrickleServerOptions = {},
  routes: TrickleRoutesOptions = {},
): Promise<ServedTrickle> => {
  const app = Fastify({ forceCloseConnections: true });
  const server = createTrickleServer(options);
  await app.register(trickleRoutes(server, { prefix: '/ai/trickle', ...routes }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  // A listening TCP server has an AddressInfo.
  const { port } = app.server.address() as AddressInfo;
  return {
    server,
    port,
    base: `http://127.0.0.1:${port}/ai/trickle`,
    [Symbol.asyncDispose]: () => app.close(),
  };
};
