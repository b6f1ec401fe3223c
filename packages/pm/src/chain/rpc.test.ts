import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { ChainError } from './chain-error.ts';
import { providerRpc, urlRpc } from './rpc.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
});

/** URL of a node that refuses everything, its chain id excepted where told. */
async function node(tellsChainId: boolean): Promise<string> {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (tellsChainId && body.includes('eth_chainId'))
        response.end('{"jsonrpc":"2.0","id":1,"result":"0x1"}');
      else response.writeHead(403).end('no');
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/the-key-of-the-node`;
}

async function failure(work: Promise<unknown>): Promise<ChainError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ChainError)) throw new Error('no ChainError');
  return error;
}

test.each([false, true])(
  'errors keep the URL of the node to themselves (connected: %s)',
  async (connected) => {
    const error = await failure(urlRpc(await node(connected)).send('eth_gasPrice', []));
    expect(error.code).toBe('unreachable');
    expect((error.cause as Error).message).toContain('403');
    expect(inspect(error, { depth: 10 })).not.toContain('the-key-of-the-node');
  },
);

test('so do errors of other providers, whatever they throw', async () => {
  const url = 'wss://node.invalid/the-key-of-the-node';
  for (const thrown of [
    new Error(`lost ${url}`),
    { message: `lost ${url}`, url },
    `lost ${url}`,
    undefined,
  ]) {
    const rpc = providerRpc({ send: () => Promise.reject(thrown) });
    const error = await failure(rpc.send('eth_call', [{}]));
    expect(inspect(error, { depth: 10 })).not.toContain('the-key-of-the-node');
  }
});

test('an answer without end is given up after 16 MiB', async () => {
  let sent = 0;
  let ended = false;
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536, ' '))) return;
      }
    };
    response.on('drain', more).on('close', () => (ended = true));
    more();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await failure(urlRpc(url).send('eth_gasPrice', []));
  expect(error.code).toBe('unreachable');
  expect((error.cause as Error).message).toContain('16777216 bytes');
  await expect.poll(() => ended).toBe(true);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
});
