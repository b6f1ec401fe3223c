import { createServer } from 'node:net';
import type { Ports } from './programs.ts';

/** A fixed port is in use, most often by another development network. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  readonly code = 'port-taken';
}

/**
 * Looks whether the ports can be had, before anything of an earlier run is touched.
 *
 * @throws PortTakenError
 */
export async function checkPorts(ports: Ports): Promise<void> {
  for (const [part, port] of Object.entries(ports)) {
    if (port === '0' || !/^\d+$/.test(port)) continue; // any free one; or a bad one, which the app itself refuses
    if (await isFree(Number(port))) continue;
    throw new PortTakenError(
      `port ${port} of the ${part} is in use, perhaps by another \`npm start\`: ` +
        `end that, or choose another with LP_${part.toUpperCase()}_PORT (0 takes any free one)`,
    );
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'))
      .once('listening', () => server.close(() => resolve(true)))
      .listen(port, '127.0.0.1');
  });
}
