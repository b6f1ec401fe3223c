import { stringifyJson } from '@lp/protocol';
import type { Clock } from '@lp/runtime';
import type { TrickleServer } from '@lp/trickle/server';
import { Refusal } from './http-exchange.ts';
import { RunnerTable, secret, type TestRunner, type TestSession } from './runner-table.ts';

/** Path of the trickle channels (live-runner.md section 1). */
export const TRICKLE_PATH = '/ai/trickle';

/** Runners, sessions and their channels, with upstream's effects of a release (live-runner.md section 6.1). */
export class OrchestratorState {
  readonly table: RunnerTable;
  readonly trickle: TrickleServer;
  readonly #clock: Clock;

  constructor(options: { clock: Clock; secret: string; ttlMs: number; trickle: TrickleServer }) {
    this.table = new RunnerTable(options);
    this.trickle = options.trickle;
    this.#clock = options.clock;
  }

  /** Runners that have not expired. */
  get runners(): readonly TestRunner[] {
    return this.table.all.filter(({ id }) => this.table.alive(id) !== undefined);
  }

  /** A runner that takes requests; throws a 404. */
  runner(id: string): TestRunner {
    const runner = this.table.alive(id);
    const ready = runner !== undefined && ['', 'ready'].includes(runner.request.status ?? '');
    if (!ready) throw new Refusal(404, 'runner not found');
    return runner;
  }

  /** A session of that runner; throws a 404. */
  session(runner: TestRunner, id: string): TestSession {
    const session = runner.sessions.get(id);
    if (session === undefined) throw new Refusal(404, 'runner session not found');
    return session;
  }

  /** A new session of a runner of `app` that has room; throws a 503. */
  reserve(app: string): { runner: TestRunner; session: TestSession } {
    const runner = this.runners.find(
      ({ request, sessions }) => request.app === app && sessions.size < request.capacity,
    );
    if (runner === undefined) throw new Refusal(503, 'no capacity available for runner');
    const session = { id: `session_${secret()}`, token: secret(), channels: new Map<string, string>() };
    runner.sessions.set(session.id, session);
    this.#tell(runner, 'reserved', session.id);
    return { runner, session };
  }

  /** Ends a session: its channels are closed, its token is void, the runner is told. */
  release(runner: TestRunner, session: TestSession): void {
    runner.sessions.delete(session.id);
    for (const name of session.channels.keys()) this.trickle.delete(`${session.id}-${name}`);
    this.#tell(runner, 'released', session.id);
  }

  /** Forgets a runner. Its message channel goes first, so it is not told of the releases. */
  remove(runner: TestRunner): void {
    this.trickle.delete(runner.o2r);
    this.table.remove(runner.id);
    for (const session of runner.sessions.values()) this.release(runner, session);
  }

  #tell(runner: TestRunner, event: 'reserved' | 'released', session: string): void {
    const timestamp = new Date(this.#clock.wallMs()).toISOString();
    this.trickle.publish(runner.o2r)?.send(stringifyJson({ event, session, timestamp }));
  }
}
