import { ratio } from '@lp/pricing';
import { type Clock, systemClock } from '@lp/runtime';
import { seededRandom } from '@lp/runtime/testing';
import { createLogger, createMetrics, listen, parseApiKeys } from '@lp/service';
import type { FastifyInstance } from 'fastify';
import { gatewayServer } from '../src/http/gateway-server.ts';
import { SessionTable, type TableLimits } from '../src/session/session-table.ts';
import { FakeMedia } from './fake-media.ts';
import { FakeSessionPort } from './fake-session-port.ts';

/** A gateway over fakes, on a real socket. */
export interface RunningGateway extends AsyncDisposable {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly table: SessionTable;
  readonly port: FakeSessionPort;
  readonly media: FakeMedia;
  /** JSON by any method; `status` and the parsed body. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: any }>; // oxlint-disable-line typescript/no-explicit-any -- tests look at any shape
}

export async function runningGateway(
  options: {
    clock?: Clock;
    keys?: string;
    limits?: Partial<TableLimits>;
    maxSockets?: number;
    maxFrameBytes?: number;
    pageRoot?: string;
  } = {},
): Promise<RunningGateway> {
  const clock = options.clock ?? systemClock;
  const port = new FakeSessionPort();
  const media = new FakeMedia();
  const limits = { maxSessions: 3, idleMs: 60_000, openTimeoutMs: 5000, keepClosed: 4, ...options.limits };
  const table = new SessionTable({ port, media, clock, random: seededRandom(1), limits });
  const server = await gatewayServer({
    log: createLogger({ name: 'test', level: 'silent' }),
    access: {
      keys: options.keys === undefined ? undefined : parseApiKeys(options.keys),
      hosts: ['gateway.example'],
      origins: ['https://app.example'],
    },
    checks: { signer: () => ({ ok: true }) },
    metrics: createMetrics({ processMetrics: false }),
    version: '0.0.0',
    ...(options.pageRoot === undefined ? {} : { pageRoot: options.pageRoot }),
    context: {
      table,
      port,
      clock,
      // 2000 USD per ETH.
      weiPerUsd: () => ratio(500_000_000_000_000n),
      limits: {
        maxSockets: options.maxSockets ?? 4,
        maxFrameBytes: options.maxFrameBytes ?? 4096,
        maxBufferedBytes: 1 << 20,
      },
      settings: {},
    },
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    url,
    server,
    table,
    port,
    media,
    async call(method, path, body, headers = {}) {
      const response = await fetch(url + path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async [Symbol.asyncDispose]() {
      await table.closeAll('shutdown');
      await server.close();
    },
  };
}
