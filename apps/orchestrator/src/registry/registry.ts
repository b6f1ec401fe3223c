import type { Clock, Random } from '@lp/runtime';
import type { ChannelHost } from '../channels/host.ts';
import { Refusal, runnerNotFound, sessionNotFound } from '../errors.ts';
import { EndedSessions } from './ended-sessions.ts';
import { O2rChannel } from './o2r.ts';
import type { Registration } from './registration.ts';
import { isReady, type Runner } from './runner.ts';
import { newRunnerId, runnerSecrets, sameSecret } from './secrets.ts';
import { type ReleaseReason, RunnerSession } from './session.ts';
import type { StaticRunnerConfig } from './static-config.ts';

/** Seconds between heartbeats that runners are asked for, and between sweeps (live-runner.md section 4.1). */
export const HEARTBEAT_INTERVAL_SECONDS = 5;
/** A dynamic runner is gone when it was silent for longer than this. */
export const HEARTBEAT_TTL_SECONDS = 20;
const TTL_NS = BigInt(HEARTBEAT_TTL_SECONDS) * 1_000_000_000n;

/** What the registry tells of itself, for logs and metrics. */
export type RegistryEvent =
  | { readonly type: 'runner-registered' | 'runner-removed'; readonly runner: string; readonly app: string }
  | { readonly type: 'session-reserved'; readonly runner: string; readonly session: string }
  | {
      readonly type: 'session-released';
      readonly runner: string;
      readonly session: string;
      readonly reason: ReleaseReason;
    };

interface RegistryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly channels: ChannelHost;
  /** Lets unknown runners register; without it only static runners exist. */
  readonly bootstrapSecret?: string;
  readonly maxRunners: number;
  readonly onEvent?: (event: RegistryEvent) => void;
}

/**
 * Which runners there are, which of them are ready, and the sessions that hold their places
 * (live-runner.md sections 4 to 6). Nothing here outlives the process: heartbeats rebuild it.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #byRoute = new Map<string, Runner>();
  readonly #ended = new EndedSessions();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /**
   * Registers a runner or renews it (live-runner.md section 4.2).
   *
   * @throws Refusal 401 or 404 as the state table says; 503 when the registry is full.
   */
  heartbeat(input: { runnerId: string; authorization: string | undefined; registration: Registration }): {
    runner: Runner;
    created: boolean;
  } {
    const { bootstrapSecret, clock } = this.#options;
    const known = input.runnerId === '' ? undefined : this.#byId(input.runnerId);
    if (known === undefined) return { runner: this.#register(input), created: true };
    if (known.life.kind === 'static') {
      if ((input.authorization ?? '') === '')
        throw new Refusal(400, 'static runner cannot heartbeat', { code: 'static-runner' });
      throw new Refusal(401, 'invalid heartbeat authorization', { code: 'invalid-authorization' });
    }
    if (bootstrapSecret === undefined)
      throw new Refusal(404, 'dynamic live runner registration is disabled', {
        code: 'registration-disabled',
      });
    if (this.#isExpired(known)) throw runnerNotFound();
    if (!sameSecret(input.authorization, known.secrets.heartbeat))
      throw new Refusal(401, 'invalid heartbeat authorization', { code: 'invalid-authorization' });
    known.registration = input.registration;
    known.life.lastBeatNs = clock.monotonicNs();
    return { runner: known, created: false };
  }

  /** @throws Refusal 404, 400 for a static runner, 401. */
  unregister(runnerId: string, authorization: string | undefined): void {
    const runner = this.#byId(runnerId);
    if (runner === undefined) throw runnerNotFound();
    if (runner.life.kind === 'static')
      throw new Refusal(400, 'static runner cannot unregister with heartbeat credentials', {
        code: 'static-runner',
      });
    if (!sameSecret(authorization, runner.secrets.heartbeat))
      throw new Refusal(401, 'invalid authorization', { code: 'invalid-authorization' });
    this.#remove(runner, 'runner-lost');
  }

  /** Adds a static runner or replaces the one with its label; id, secrets and sessions stay (live-runner.md section 5). */
  upsertStatic(config: StaticRunnerConfig, healthy: boolean): Runner {
    const label = config.registration.label;
    const existing = [...this.#byRoute.values()].find(
      (runner) => runner.life.kind === 'static' && runner.registration.label === label,
    );
    const id = existing?.id ?? newRunnerId(this.#options.random);
    const route = config.routing === 'label' ? label : id;
    // Upstream forgets whom a label pushes aside; here that runner's sessions and channel end with it.
    const displaced = this.#byRoute.get(route);
    if (displaced !== undefined && displaced !== existing) this.#remove(displaced, 'runner-lost');
    const runner: Runner = existing ?? {
      id,
      route,
      secrets: runnerSecrets(this.#options.random.bytes(32)),
      registration: config.registration,
      sessions: new Map(),
      life: { kind: 'static', health: config.health, healthy },
    };
    if (existing?.life.kind === 'static') existing.life.health = config.health;
    this.#byRoute.delete(runner.route);
    runner.route = route;
    runner.registration = config.registration;
    this.#byRoute.set(route, runner);
    this.setHealthy(runner, healthy);
    if (existing === undefined)
      this.#emit({ type: 'runner-registered', runner: route, app: config.registration.app });
    return runner;
  }

  /** Records the outcome of a health decision; a runner that became unhealthy loses its sessions. */
  setHealthy(runner: Runner, healthy: boolean): void {
    if (runner.life.kind !== 'static') return;
    runner.life.healthy = healthy;
    if (!healthy)
      for (const session of runner.sessions.values()) this.release(runner, session, 'runner-unhealthy');
  }

  /** All runners, ready or not. */
  runners(): readonly Runner[] {
    return [...this.#byRoute.values()].filter((runner) => !this.#isExpired(runner));
  }

  /** The runner behind a route, ready or not. @throws Refusal 404 when it is unknown or expired. */
  known(route: string): Runner {
    const runner = this.#byRoute.get(route);
    if (runner === undefined || this.#isExpired(runner)) throw runnerNotFound();
    return runner;
  }

  /** The runner behind a route, if it is ready. @throws Refusal 404 otherwise. */
  ready(route: string): Runner {
    const runner = this.known(route);
    if (!isReady(runner)) throw runnerNotFound();
    return runner;
  }

  /** @throws Refusal 404, with the reason in `Livepeer-Session-Ended` while it is remembered. */
  session(runner: Runner, sessionId: string): RunnerSession {
    const session = runner.sessions.get(sessionId);
    if (session === undefined) throw sessionNotFound(this.#ended.reason(runner.id, sessionId));
    return session;
  }

  /**
   * Takes one of the runner's places (live-runner.md section 6).
   *
   * @throws Refusal 409 when the id is in use, then 503 when no place is free.
   */
  reserve(runner: Runner, sessionId: string): RunnerSession {
    if (runner.sessions.has(sessionId))
      throw new Refusal(409, 'session already exists', { code: 'session-exists' });
    if (runner.sessions.size >= runner.registration.capacity)
      throw new Refusal(503, 'no capacity available for runner', {
        code: 'no-capacity',
        headers: { 'retry-after': '1' },
      });
    const session = new RunnerSession({
      id: sessionId,
      token: runner.secrets.sessionToken(sessionId),
      reservedAtMs: this.#options.clock.wallMs(),
    });
    runner.sessions.set(sessionId, session);
    if (runner.life.kind === 'dynamic') runner.life.o2r.announce('reserved', sessionId);
    this.#emit({ type: 'session-reserved', runner: runner.route, session: sessionId });
    return session;
  }

  /** Ends a session: its channels close, its token is void, its place is free. Once; later calls change nothing. */
  release(runner: Runner, session: RunnerSession, reason: ReleaseReason): void {
    if (runner.sessions.get(session.id) !== session) return;
    runner.sessions.delete(session.id);
    this.#ended.remember(runner.id, session.id, reason);
    session.release(reason);
    for (const channel of session.channels.values()) this.#options.channels.close(channel.channelName);
    if (runner.life.kind === 'dynamic') runner.life.o2r.announce('released', session.id);
    this.#emit({ type: 'session-released', runner: runner.route, session: session.id, reason });
  }

  /** Removes expired runners once. */
  sweep(): void {
    for (const runner of this.#byRoute.values())
      if (this.#isExpired(runner)) this.#remove(runner, 'runner-lost');
  }

  /** Sweeps every heartbeat interval until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#options.clock.sleep(HEARTBEAT_INTERVAL_SECONDS * 1000, signal);
      } catch {
        return; // aborted: the orchestrator stops
      }
      this.sweep();
    }
  }

  /** Releases every session and forgets every runner. */
  close(): void {
    for (const runner of this.#byRoute.values()) this.#remove(runner, 'orchestrator-restarted');
  }

  #register(input: {
    runnerId: string;
    authorization: string | undefined;
    registration: Registration;
  }): Runner {
    const { bootstrapSecret, channels, clock, maxRunners, random } = this.#options;
    if (bootstrapSecret === undefined)
      throw new Refusal(404, 'dynamic live runner registration is disabled', {
        code: 'registration-disabled',
      });
    if (!sameSecret(input.authorization, bootstrapSecret))
      throw new Refusal(401, 'invalid registration authorization', { code: 'invalid-authorization' });
    if (this.#byRoute.size >= maxRunners)
      throw new Refusal(503, 'too many runners are registered', { code: 'too-many-runners' });
    const id = input.runnerId === '' ? newRunnerId(random) : input.runnerId;
    const secrets = runnerSecrets(random.bytes(32));
    const runner: Runner = {
      id,
      route: id,
      secrets,
      registration: input.registration,
      sessions: new Map(),
      life: {
        kind: 'dynamic',
        lastBeatNs: clock.monotonicNs(),
        o2r: new O2rChannel({ channelName: `${id}-${secrets.o2rSuffix}-o2r`, host: channels, clock }),
      },
    };
    this.#byRoute.set(id, runner);
    this.#emit({ type: 'runner-registered', runner: id, app: input.registration.app });
    return runner;
  }

  #remove(runner: Runner, reason: ReleaseReason): void {
    this.#byRoute.delete(runner.route);
    for (const session of runner.sessions.values()) this.release(runner, session, reason);
    if (runner.life.kind === 'dynamic') runner.life.o2r.close();
    this.#emit({ type: 'runner-removed', runner: runner.route, app: runner.registration.app });
  }

  #byId(runnerId: string): Runner | undefined {
    const routed = this.#byRoute.get(runnerId);
    if (routed !== undefined) return routed;
    for (const runner of this.#byRoute.values()) if (runner.id === runnerId) return runner;
    return undefined;
  }

  #isExpired(runner: Runner): boolean {
    return (
      runner.life.kind === 'dynamic' && this.#options.clock.monotonicNs() - runner.life.lastBeatNs > TTL_NS
    );
  }

  #emit(event: RegistryEvent): void {
    this.#options.onEvent?.(event);
  }
}
