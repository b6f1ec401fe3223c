import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server on a free loopback port. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server for `listener`; with a certificate it speaks TLS. */
export const listen = async (
  listener: RequestListener,
  { tls, port = 0 }: { tls?: { cert: string; key: string }; port?: number } = {},
): Promise<TestServer> => {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  // A TCP server always has an AddressInfo.
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`,
    close,
    [Symbol.asyncDispose]: close,
  };
};
