import type { HeartbeatRequest } from '@lp/protocol';
import type { Clock, Transport } from '@lp/runtime';
import { baseUrl } from './base-url.ts';
import type { CreatedRunner } from './bootstrap.ts';
import { sendHeartbeat } from './heartbeat-call.ts';
import { o2rMessages } from './o2r-channel.ts';
import type { RunnerEvent } from './registration-options.ts';
import { SessionList } from './session-list.ts';
import { unlessAborted } from './unless-aborted.ts';

const UNREGISTER_TIMEOUT_MS = 5_000;
/** Heartbeats asked for out of turn come no closer together than this. */
const MIN_GAP_MS = 200;
const MIN_INTERVAL_MS = 500;

/** What the loop works with. */
export interface HeartbeatLoopParts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The configured orchestrator: the only place that gets the bootstrap secret. */
  readonly base: string;
  readonly body: HeartbeatRequest;
  readonly tell: (event: RunnerEvent) => void;
  /** Registers anew. */
  readonly register: (request: {
    body: HeartbeatRequest;
    signal: AbortSignal;
    onRefusal: 'retry';
  }) => Promise<CreatedRunner>;
  /** The registration to start with. */
  readonly created: CreatedRunner;
}

/** Keeps one runner registered and its list of sessions true (live-runner.md section 4). */
export class HeartbeatLoop {
  readonly sessions: SessionList;
  /** Settles when the loop has ended and the runner is unregistered. */
  readonly closed: Promise<void>;
  readonly #parts: HeartbeatLoopParts;
  readonly #stop = new AbortController();
  #runner: CreatedRunner;
  #ready = true;
  #messages: AbortController = new AbortController();
  #wake: AbortController = new AbortController();
  #asked: PromiseWithResolvers<void> | undefined;

  constructor(parts: HeartbeatLoopParts) {
    this.#parts = parts;
    this.sessions = new SessionList(parts.tell);
    this.#runner = parts.created;
    this.#adopt(parts.created, false);
    this.closed = this.#run();
    // Reported through `closed`; nobody has to listen.
    this.closed.catch(() => {});
  }

  get runnerId(): string {
    return this.#runner.runner_id;
  }

  /** Base URL that the orchestrator gives for its runners. */
  get callbackBase(): string {
    return baseUrl(this.#runner.orchestrator ?? '') ?? this.#parts.base;
  }

  setReady(ready: boolean): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#wake.abort();
  }

  /** Resolves after a heartbeat that was sent after this call, whatever it brought. */
  async ask(signal?: AbortSignal): Promise<void> {
    this.#asked ??= Promise.withResolvers<void>();
    const { promise } = this.#asked;
    this.#wake.abort();
    await unlessAborted(promise, [this.#stop.signal, signal]);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the registration was closed'));
    await this.closed;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    try {
      let last = clock.monotonicNs();
      while (await this.#pause(last)) {
        last = clock.monotonicNs();
        await this.#beat();
      }
    } finally {
      this.#messages.abort();
      await this.#unregister();
      this.sessions.releaseAll('closed');
      this.#parts.tell({ type: 'closed' });
    }
  }

  /** Waits for the next heartbeat's turn; false when the loop has to end. */
  async #pause(last: bigint): Promise<boolean> {
    const { clock } = this.#parts;
    const until = async (ms: number, signal: AbortSignal): Promise<void> => {
      const left = ms - Number(clock.monotonicNs() - last) / 1e6;
      if (left > 0) await clock.sleep(left, signal).catch(() => {});
    };
    const stop = this.#stop.signal;
    const interval = Math.max(MIN_INTERVAL_MS, this.#runner.heartbeat_interval);
    await until(interval, AbortSignal.any([stop, this.#wake.signal]));
    await until(MIN_GAP_MS, stop);
    this.#wake = new AbortController();
    return !stop.aborted;
  }

  async #beat(): Promise<void> {
    const asked = this.#asked;
    this.#asked = undefined;
    const snapshot = this.sessions.snapshot();
    const beat = await sendHeartbeat(this.#parts.transport, {
      base: this.callbackBase,
      secret: this.#runner.heartbeat_secret,
      body: this.#body(this.runnerId),
      signal: this.#stop.signal,
    });
    if (beat.kind === 'ok') {
      const { heartbeat_secret: secret } = this.#runner;
      this.#runner = { ...this.#runner, ...beat.answer, heartbeat_secret: secret };
      this.sessions.reconcile(snapshot, beat.answer.session_ids);
    } else {
      this.sessions.forget(snapshot);
      if (beat.kind === 'refused' && (beat.status === 401 || beat.status === 404))
        await this.#again(beat.status);
      else if (!this.#stop.signal.aborted) {
        const status = beat.kind === 'refused' ? { status: beat.status } : {};
        this.#parts.tell({ type: 'heartbeat-failed', message: beat.message, ...status });
      }
    }
    asked?.resolve();
  }

  // The orchestrator forgot this runner: all its sessions, tokens and channels are void.
  async #again(status: number): Promise<void> {
    this.#messages.abort();
    this.#parts.tell({ type: 'lost', status });
    this.sessions.releaseAll('runner-lost');
    try {
      const created = await this.#parts.register({
        body: this.#body(this.#parts.body.runner_id),
        signal: this.#stop.signal,
        onRefusal: 'retry',
      });
      this.#adopt(created, true);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  #adopt(created: CreatedRunner, again: boolean): void {
    this.#runner = created;
    this.#parts.tell({ type: 'registered', runnerId: created.runner_id, again });
    for (const id of created.session_ids) this.sessions.reserve(id);
    this.#messages = new AbortController();
    if (created.o2r !== undefined) void this.#follow(created.o2r.url, this.#messages.signal);
  }

  // Never rejects: a lost channel leaves the heartbeats, which tell the same a little later.
  async #follow(url: string, signal: AbortSignal): Promise<void> {
    const { transport, clock } = this.#parts;
    let message = 'the channel was closed';
    try {
      for await (const { event, session } of o2rMessages(url, { signal, transport, clock })) {
        if (event === 'reserved') this.sessions.reserve(session);
        else this.sessions.release(session, 'released');
      }
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    if (signal.aborted) return;
    this.#parts.tell({ type: 'messages-ended', message });
    this.#wake.abort();
  }

  #body(runnerId: string | undefined): HeartbeatRequest {
    return {
      ...this.#parts.body,
      ...(runnerId !== undefined && { runner_id: runnerId }),
      status: this.#ready ? 'ready' : 'not-ready',
      session_ids: [...this.sessions.ids],
    };
  }

  async #unregister(): Promise<void> {
    try {
      await this.#parts.transport.request({
        method: 'POST',
        url: `${this.callbackBase}/runners/${encodeURIComponent(this.runnerId)}/unregister`,
        headers: { authorization: this.#runner.heartbeat_secret },
        timeoutMs: UNREGISTER_TIMEOUT_MS,
      });
    } catch {
      // Best effort: without it the orchestrator forgets the runner when its TTL has passed.
    }
  }
}
