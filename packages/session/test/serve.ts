import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest } from '@lp/runtime';
import type { RouteReply } from '@lp/runtime/testing';

/** A peer of the simulation behind a real socket on a free port. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** Serves `handle` on loopback. The handler may not exist yet when the port is known. */
export async function serve(handle: (request: HttpRequest) => Promise<RouteReply>): Promise<Served> {
  const server: Server = createServer((incoming, outgoing) => {
    const answer = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const reply = await handle({
        method: (incoming.method ?? 'GET') as HttpRequest['method'],
        url: `http://${incoming.headers.host ?? ''}${incoming.url ?? '/'}`,
        headers: Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(chunks).toString('utf8'),
        timeoutMs: 5_000,
      });
      outgoing.writeHead(reply.status ?? 200, { ...reply.headers });
      outgoing.end(reply.body as string | Uint8Array | undefined);
    };
    answer().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
