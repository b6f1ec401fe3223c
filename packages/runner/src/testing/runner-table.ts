import { randomBytes } from 'node:crypto';
import type { HeartbeatRequest } from '@lp/protocol';
import type { Clock } from '@lp/runtime';

/** A session of the test orchestrator. */
export interface TestSession {
  readonly id: string;
  /** Secret of the runner's callbacks. */
  readonly token: string;
  /** Channel names as the runner chose them, to their MIME types. */
  readonly channels: Map<string, string>;
}

/** A registered runner. */
export interface TestRunner {
  readonly id: string;
  readonly secret: string;
  readonly o2r: string;
  readonly sessions: Map<string, TestSession>;
  request: HeartbeatRequest;
  lastBeatNs: bigint;
}

/** What a heartbeat meets (live-runner.md section 4.2). */
export type HeartbeatVerdict =
  | { readonly status: 200; readonly runner: TestRunner; readonly created: boolean }
  | { readonly status: 401 | 404; readonly message: string };

/** The registry of dynamic runners, with upstream's states: unknown, alive, expired but not yet swept. */
export class RunnerTable {
  readonly #runners = new Map<string, TestRunner>();
  readonly #clock: Clock;
  readonly #secret: string;
  readonly #ttlNs: bigint;

  constructor(options: { clock: Clock; secret: string; ttlMs: number }) {
    this.#clock = options.clock;
    this.#secret = options.secret;
    this.#ttlNs = BigInt(options.ttlMs) * 1_000_000n;
  }

  get all(): readonly TestRunner[] {
    return [...this.#runners.values()];
  }

  /** A runner that is alive. */
  alive(id: string): TestRunner | undefined {
    const runner = this.#runners.get(id);
    return runner !== undefined && !this.#expired(runner) ? runner : undefined;
  }

  /** Applies a heartbeat. */
  beat(request: HeartbeatRequest, authorization: string): HeartbeatVerdict {
    const id = request.runner_id?.trim() || `runner_${secret()}`;
    const known = this.#runners.get(id);
    if (known === undefined) return this.#create(id, request, authorization);
    if (this.#expired(known)) return { status: 404, message: 'runner not found' };
    if (authorization !== known.secret) return { status: 401, message: 'invalid heartbeat authorization' };
    known.request = request;
    known.lastBeatNs = this.#clock.monotonicNs();
    return { status: 200, runner: known, created: false };
  }

  /** Removes a runner, whatever its state. */
  remove(id: string): void {
    this.#runners.delete(id);
  }

  /** Runners whose time is up; upstream looks every 5 s. */
  expired(): readonly TestRunner[] {
    return this.all.filter((runner) => this.#expired(runner));
  }

  #create(id: string, request: HeartbeatRequest, authorization: string): HeartbeatVerdict {
    if (authorization !== this.#secret) return { status: 401, message: 'invalid registration authorization' };
    const runner: TestRunner = {
      id,
      secret: secret(),
      o2r: `${id}-${secret()}-o2r`,
      sessions: new Map(),
      request,
      lastBeatNs: this.#clock.monotonicNs(),
    };
    this.#runners.set(id, runner);
    return { status: 200, runner, created: true };
  }

  #expired(runner: TestRunner): boolean {
    return this.#clock.monotonicNs() - runner.lastBeatNs > this.#ttlNs;
  }
}

/** 128 random bits as hex. */
export function secret(): string {
  return randomBytes(16).toString('hex');
}
