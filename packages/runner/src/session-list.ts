import type { ReleaseReason, RunnerEvent } from './registration-options.ts';

/** What the list was when a question about it went out. */
export interface SessionSnapshot {
  readonly known: ReadonlySet<string>;
  /** Released since. */
  readonly released: Set<string>;
}

/** The reason of a session's signal. */
export class SessionReleasedError extends Error {
  override readonly name = 'SessionReleasedError';
  readonly code = 'session-released';
  readonly reason: ReleaseReason;

  constructor(reason: ReleaseReason) {
    super(`the session is over: ${reason}`);
    this.reason = reason;
  }
}

/** The runner's sessions, as far as it knows: told by o2r messages, corrected by heartbeats. */
export class SessionList {
  readonly #sessions = new Map<string, AbortController>();
  readonly #snapshots = new Set<SessionSnapshot>();
  readonly #tell: (event: RunnerEvent) => void;

  constructor(tell: (event: RunnerEvent) => void) {
    this.#tell = tell;
  }

  /** Ids, oldest first. */
  get ids(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** Aborts when the session is released; undefined for a session that is not known. */
  signal(id: string): AbortSignal | undefined {
    return this.#sessions.get(id)?.signal;
  }

  /** Adds a session; a known one stays as it is. */
  reserve(id: string): void {
    if (this.#sessions.has(id)) return;
    this.#sessions.set(id, new AbortController());
    this.#tell({ type: 'reserved', sessionId: id });
  }

  /** Removes a session and aborts its signal; an unknown one is remembered by open snapshots only. */
  release(id: string, reason: ReleaseReason): void {
    for (const snapshot of this.#snapshots) snapshot.released.add(id);
    const controller = this.#sessions.get(id);
    if (controller === undefined) return;
    this.#sessions.delete(id);
    controller.abort(new SessionReleasedError(reason));
    this.#tell({ type: 'released', sessionId: id, reason });
  }

  /** Removes all sessions. */
  releaseAll(reason: ReleaseReason): void {
    for (const id of this.ids) this.release(id, reason);
  }

  /** Take it before asking the orchestrator for its list. */
  snapshot(): SessionSnapshot {
    const snapshot = { known: new Set(this.#sessions.keys()), released: new Set<string>() };
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  /**
   * Adopts the orchestrator's list (live-runner.md section 4.2). Messages that crossed the answer win: a session
   * reserved since the snapshot stays, one released since does not come back.
   */
  reconcile(snapshot: SessionSnapshot, ids: readonly string[]): void {
    this.forget(snapshot);
    const authoritative = new Set(ids);
    for (const id of snapshot.known) if (!authoritative.has(id)) this.release(id, 'reconciled');
    for (const id of ids) if (!snapshot.released.has(id)) this.reserve(id);
  }

  /** Ends a snapshot whose question was not answered. */
  forget(snapshot: SessionSnapshot): void {
    this.#snapshots.delete(snapshot);
  }
}
