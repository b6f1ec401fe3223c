import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Starts listening and gives the URL with the real port; unspecified addresses are shown as loopback. */
export async function listen(
  server: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<string> {
  await server.listen({ host: at.host, port: at.port });
  // A TCP listener always has an AddressInfo.
  const { port } = server.server.address() as AddressInfo;
  const host = at.host === '0.0.0.0' ? '127.0.0.1' : at.host === '::' ? '::1' : at.host;
  const scheme =
    server.initialConfig.https === undefined || server.initialConfig.https === false ? 'http' : 'https';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
