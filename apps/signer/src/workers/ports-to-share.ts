import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/**
 * The ports to share, each 0 replaced by one that is free at the moment: workers that come and go must find the same one,
 * and a port that the system chose for them is lost with the last of them.
 *
 * @throws what listening throws.
 */
export async function portsToShare(
  wanted: readonly { readonly host: string; readonly port: number }[],
): Promise<number[]> {
  const held: Server[] = [];
  try {
    const ports: number[] = [];
    for (const { host, port } of wanted) {
      ports.push(port === 0 ? await hold(host, held) : port);
    }
    return ports;
  } finally {
    // all at the end: the same port is not found twice
    for (const server of held) server.close();
  }
}

async function hold(host: string, held: Server[]): Promise<number> {
  const server = createServer().listen({ host, port: 0 });
  await once(server, 'listening');
  held.push(server);
  // a TCP listener has an AddressInfo
  return (server.address() as AddressInfo).port;
}
