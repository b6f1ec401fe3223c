import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * The ports to share, each 0 replaced by one that is free at the moment: workers that come and go must find the same one,
 * and a port that the system chose for them is lost with the last of them.
 *
 * @throws what listening throws.
 */
export async function portsToShare(
  wanted: readonly { readonly host: string; readonly port: number }[],
): Promise<number[]> {
  const held = wanted.map(({ host, port }) =>
    port === 0 ? createServer().listen({ host, port: 0, exclusive: true }) : undefined,
  );
  try {
    await Promise.all(held.map((server) => server && once(server, 'listening')));
    // a TCP listener has an AddressInfo
    return wanted.map(({ port }, index) => (held[index]?.address() as AddressInfo | undefined)?.port ?? port);
  } finally {
    await Promise.all(held.map((server) => server?.listening && once(server.close(), 'close')));
  }
}
