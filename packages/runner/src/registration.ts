import type { HeartbeatRequest } from '@lp/protocol';
import {
  type Clock,
  createTransport,
  deadline,
  systemClock,
  systemRandom,
  type Transport,
} from '@lp/runtime';
import { baseUrl } from './base-url.ts';
import { bootstrap } from './bootstrap.ts';
import { HeartbeatLoop } from './heartbeat-loop.ts';
import { describeRunner, type RegistrationOptions, type RunnerEvent } from './registration-options.ts';
import { RegistrationError, SessionError } from './runner-error.ts';
import {
  type CallOptions,
  type RequestHeaders,
  type RunnerSession,
  readSessionHeaders,
  runnerSession,
} from './runner-session.ts';

const DEFAULT_OPEN_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 6_000;

/** A runner that is known to its orchestrator, and stays so until closed. */
export interface Registration extends AsyncDisposable {
  /** The id now; a new one after the orchestrator forgot this runner, unless `runnerId` was set. */
  readonly runnerId: string;
  /** Ids of the sessions now, oldest first. */
  readonly sessionIds: readonly string[];
  /**
   * The session of a proxied request. Headers are checked: the callbacks must lead to this orchestrator, and it
   * must know the session. The result's `signal` aborts when the session is released.
   *
   * @throws SessionError `no-session`, `foreign-session`
   */
  session(headers: RequestHeaders, options?: CallOptions): Promise<RunnerSession>;
  /**
   * Takes new sessions or not, told with the next heartbeat, which goes out at once. While not ready the orchestrator
   * answers 404 to callbacks and to payments of running sessions too (live-runner.md section 4.2).
   */
  setReady(ready: boolean): void;
  /** Settles after the runner was unregistered and all sessions were released. Rejects only for a defect. */
  readonly closed: Promise<void>;
  /** Unregisters (best effort, within 5 s) and releases all sessions. Same as leaving `await using`. */
  close(): Promise<void>;
}

/**
 * Registers a runner and keeps it registered: heartbeats, session messages, registering anew when the orchestrator
 * forgot it (live-runner.md section 4). Resolves once the orchestrator knows the runner.
 *
 * @throws RegistrationError
 */
export async function registerRunner(options: RegistrationOptions): Promise<Registration> {
  const { clock = systemClock, random = systemRandom } = options;
  const body = describeRunner(options);
  // Checked by `describeRunner`.
  const base = baseUrl(options.orchestrator) ?? '';
  const { transport, release } = useTransport(options.transport, clock);
  const tell = (event: RunnerEvent): void => {
    try {
      options.onEvent?.(event);
    } catch (error) {
      // The caller's defect: loud, but not the end of the registration.
      queueMicrotask(() => {
        throw error;
      });
    }
  };

  const register = async (request: {
    body: HeartbeatRequest;
    signal: AbortSignal;
    onRefusal: 'throw' | 'retry';
  }) =>
    await bootstrap({
      transport,
      clock,
      random,
      base,
      secret: options.secret,
      ...request,
      onFailure: (beat) =>
        tell({
          type: 'heartbeat-failed',
          message: beat.message,
          ...(beat.kind === 'refused' && { status: beat.status }),
        }),
    });

  using limit = deadline(options.openTimeoutMs ?? DEFAULT_OPEN_TIMEOUT_MS, options.signal, clock);
  let loop: HeartbeatLoop;
  try {
    const created = await register({ body, signal: limit.signal, onRefusal: 'throw' });
    loop = new HeartbeatLoop({ transport, clock, base, body, tell, register, created });
  } catch (error) {
    await release();
    if (!limit.signal.aborted) throw error;
    const [code, message] = limit.expired
      ? (['unreachable', 'the orchestrator did not register the runner in time; is it up?'] as const)
      : (['closed', 'the registration was aborted'] as const);
    throw new RegistrationError(code, message, { cause: error });
  }

  const close = (): Promise<void> => loop.close();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  function onAbort(): void {
    // Its outcome is that of `closed`.
    void close().catch(() => {});
  }
  const finish = async (): Promise<void> => {
    try {
      await loop.closed;
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
      await release();
    }
  };
  const closed = finish();
  closed.catch(() => {});
  if (options.signal?.aborted === true) onAbort();

  return {
    get runnerId() {
      return loop.runnerId;
    },
    get sessionIds() {
      return loop.sessions.ids;
    },
    async session(headers, { signal } = {}) {
      const { id, control } = readSessionHeaders(headers);
      const trusted = [base, loop.callbackBase].some(
        (known) => new URL(known).origin === new URL(control).origin,
      );
      if (!trusted) throw new SessionError('foreign-session', 'the request names another orchestrator');
      // A request may overtake the message about its session: ask before refusing it.
      if (loop.sessions.signal(id) === undefined) await askInTime(loop, clock, signal);
      const released = loop.sessions.signal(id);
      if (released === undefined) {
        throw new SessionError('foreign-session', 'the orchestrator does not know this session');
      }
      return runnerSession(headers, { transport, signal: released });
    },
    setReady: (ready) => loop.setReady(ready),
    closed,
    async close() {
      await close();
      await closed;
    },
    async [Symbol.asyncDispose]() {
      await close();
      await closed;
    },
  };
}

function useTransport(given: Transport | undefined, clock: Clock) {
  if (given !== undefined) return { transport: given, release: async () => {} };
  const own = createTransport({ clock });
  return { transport: own, release: () => own.close() };
}

async function askInTime(loop: HeartbeatLoop, clock: Clock, signal?: AbortSignal): Promise<void> {
  using limit = deadline(ASK_TIMEOUT_MS, signal, clock);
  try {
    await loop.ask(limit.signal);
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new SessionError('unreachable', 'the orchestrator could not be asked about the session', { cause });
  }
}
