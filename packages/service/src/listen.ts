import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** The address cannot be listened on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'cannot-listen';
  readonly exitCode = 1;
}

/**
 * Starts listening and gives the URL with the real port; unspecified addresses are shown as loopback.
 *
 * @throws ListenError
 */
export async function listen(
  server: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await server.listen({ host: at.host, port: at.port });
  } catch (cause) {
    throw new ListenError(whyNot(at, cause), { cause });
  }
  // A TCP listener always has an AddressInfo.
  const { port } = server.server.address() as AddressInfo;
  const host = at.host === '0.0.0.0' ? '127.0.0.1' : at.host === '::' ? '::1' : at.host;
  const scheme =
    server.initialConfig.https === undefined || server.initialConfig.https === false ? 'http' : 'https';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What is wrong with the address, and what to do. */
function whyNot({ host, port }: { host: string; port: number }, cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown }; // Node's errors; anything else has neither
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is in use: end the program that listens there, or choose another port (0 takes any free one)`;
    case 'EACCES':
      return `port ${port} on ${host} needs rights that this user lacks: choose a port above 1023`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine: choose another host`;
    default:
      return `cannot listen on ${host}, port ${port}: ${String(message)}`;
  }
}
