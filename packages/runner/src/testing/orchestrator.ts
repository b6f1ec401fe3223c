import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WireError } from '@lp/protocol';
import { type Clock, systemClock } from '@lp/runtime';
import { createTrickleServer, TrickleHttp } from '@lp/trickle/server';
import { Refusal, sendText } from './http-exchange.ts';
import { OrchestratorRoutes } from './orchestrator-routes.ts';
import { OrchestratorState, TRICKLE_PATH } from './orchestrator-state.ts';
import type { TestRunner } from './runner-table.ts';

/** How a test orchestrator behaves. */
export interface TestOrchestratorOptions {
  /** Bootstrap secret; default `bootstrap`. */
  readonly secret?: string;
  /** Told to runners; default 5 s, as upstream. */
  readonly heartbeatIntervalMs?: number;
  /** Silence after which a runner is expired; default 20 s. */
  readonly heartbeatTtlMs?: number;
  readonly clock?: Clock;
}

/** Where a client finds its session. */
export interface TestReservation {
  readonly sessionId: string;
  readonly appUrl: string;
  readonly controlUrl: string;
}

/** An orchestrator without money, on a real socket: what a runner program meets, for its tests. */
export interface TestOrchestrator extends AsyncDisposable {
  readonly url: string;
  /** Runners that are alive. */
  readonly runners: readonly TestRunner[];
  /** Reserves a session of a runner of `app` that has room. Throws when there is none. */
  reserve(app: string): TestReservation;
  /** Ends a session as upstream does: channels closed, token void, runner told. */
  release(sessionId: string): void;
  /** Forgets all runners, as a restart does. */
  forget(): void;
  /** Removes expired runners; upstream does so every 5 s. */
  sweep(): void;
  close(): Promise<void>;
}

/** Starts an orchestrator for tests on a free port of the loopback interface (live-runner.md sections 2, 4, 10). */
export async function startTestOrchestrator(
  options: TestOrchestratorOptions = {},
): Promise<TestOrchestrator> {
  const {
    clock = systemClock,
    heartbeatIntervalMs: intervalMs = 5_000,
    heartbeatTtlMs: ttlMs = 20_000,
  } = options;
  const trickle = createTrickleServer({ clock });
  const trickleHttp = new TrickleHttp(trickle);
  const state = new OrchestratorState({ clock, secret: options.secret ?? 'bootstrap', ttlMs, trickle });
  let url = '';
  const routes = new OrchestratorRoutes({ state, url: () => url, intervalMs, ttlMs });

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith(`${TRICKLE_PATH}/`)) {
      trickleHttp.handle(request, response, path.slice(TRICKLE_PATH.length));
      return;
    }
    routes.answer(request, response).catch((error: unknown) => {
      if (error instanceof Refusal) sendText(response, error.status, error.message);
      else if (error instanceof WireError) sendText(response, 400, error.message);
      else sendText(response, 500, 'Internal Server Error');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server has an address object.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const close = async (): Promise<void> => {
    await trickle.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return {
    url,
    get runners() {
      return state.runners;
    },
    reserve(app) {
      const { runner, session } = state.reserve(app);
      const controlUrl = `${url}/apps/${runner.id}/session/${session.id}`;
      return { sessionId: session.id, appUrl: `${controlUrl}/app`, controlUrl };
    },
    release(sessionId) {
      for (const runner of state.table.all) {
        const session = runner.sessions.get(sessionId);
        if (session !== undefined) state.release(runner, session);
      }
    },
    forget() {
      for (const runner of state.table.all) state.remove(runner);
    },
    sweep() {
      for (const runner of state.table.expired()) state.remove(runner);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
