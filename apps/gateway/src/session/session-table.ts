import type { Clock, Random } from '@lp/runtime';
import { HttpError } from '@lp/service';
import type { MediaPort } from '../port/media-port.ts';
import type { PaidSession, Receipt, SessionPort } from '../port/session-port.ts';
import { readChannels } from './channels.ts';
import { GatewaySession } from './gateway-session.ts';

/** Limits of the table. */
export interface TableLimits {
  /** Sessions that may be open or opening at once. */
  readonly maxSessions: number;
  /** A session without any client is closed after this time, in milliseconds. */
  readonly idleMs: number;
  /** Time for opening a session and starting its stream, in milliseconds. */
  readonly openTimeoutMs: number;
  /** Closed sessions whose receipt is still answered. */
  readonly keepClosed: number;
}

/** What the table works with. */
export interface TableParts {
  readonly port: SessionPort;
  readonly media: MediaPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: TableLimits;
  /** Called once per session with its receipt: for logs and accounts. */
  readonly onClosed?: (session: GatewaySession, receipt: Receipt) => void;
}

/** What a caller asks for, and who asks. */
export interface NewSession {
  readonly owner: string | null;
  readonly app: string;
  /** Body of the app's `/stream`. */
  readonly params: unknown;
  readonly maxSpendWei: bigint | undefined;
}

/** All sessions of this gateway. */
export class SessionTable {
  readonly #parts: TableParts;
  readonly #sessions = new Map<string, GatewaySession>();
  readonly #runs = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #opening = 0;

  constructor(parts: TableParts) {
    this.#parts = parts;
  }

  /** Sessions that are open now. */
  get openCount(): number {
    return [...this.#sessions.values()].filter((session) => session.state !== 'closed').length;
  }

  get openingCount(): number {
    return this.#opening;
  }

  /** Sessions of one owner, newest first. */
  list(owner: string | null): readonly GatewaySession[] {
    return [...this.#sessions.values()].filter((session) => session.parts.owner === owner).toReversed();
  }

  all(): readonly GatewaySession[] {
    return [...this.#sessions.values()];
  }

  /**
   * The session of that id and owner. Throws 410 `unknown-session` otherwise: clients take 410 as final, 404 as
   * a reason to try again (gateway-http.md section 2.3).
   */
  get(id: string, owner: string | null): GatewaySession {
    const session = this.#sessions.get(id);
    if (session === undefined || session.parts.owner !== owner) {
      throw new HttpError(410, 'unknown-session', 'there is no such session, or not any more', {
        hint: 'open a new one with POST /sessions',
      });
    }
    session.touch();
    return session;
  }

  /**
   * Opens a session and starts its stream; what was paid before a failure is closed and in the receipt's log.
   * Throws `NoRunnerError`, 429 `too-many-sessions`, 503 `closing`, 504 `open-timeout` and those of `readChannels`.
   */
  async open(request: NewSession, signal: AbortSignal): Promise<GatewaySession> {
    const { limits, clock } = this.#parts;
    if (this.#closing.signal.aborted) throw new HttpError(503, 'closing', 'the gateway is shutting down');
    if (this.openCount + this.#opening >= limits.maxSessions) {
      throw new HttpError(
        429,
        'too-many-sessions',
        `${limits.maxSessions} sessions are open, which is the limit`,
        {
          hint: 'close one first',
        },
      );
    }
    this.#opening += 1;
    const timer = new AbortController();
    const late = new HttpError(
      504,
      'open-timeout',
      `no session within ${limits.openTimeoutMs / 1000} seconds`,
    );
    const limit = new AbortController();
    const done = clock.sleep(limits.openTimeoutMs, timer.signal).then(
      () => limit.abort(late),
      () => {},
    );
    try {
      const all = AbortSignal.any([signal, limit.signal, this.#closing.signal]);
      return await this.#open(request, all);
    } catch (error) {
      // What was paid until then is in the error already, when a session was.
      const told = error instanceof HttpError && error.code === late.code;
      throw limit.signal.aborted && !told ? late : error;
    } finally {
      this.#opening -= 1;
      timer.abort();
      await done;
    }
  }

  async #open(request: NewSession, signal: AbortSignal): Promise<GatewaySession> {
    const { port, media, clock, random } = this.#parts;
    const { app, owner, maxSpendWei } = request;
    const paid = await port.open({ app, ...(maxSpendWei === undefined ? {} : { maxSpendWei }) }, signal);
    try {
      const channels = readChannels(await paid.startStream(request.params, signal), paid.channelOrigins);
      signal.throwIfAborted();
      const id = `s-${Buffer.from(random.bytes(16)).toString('hex')}`;
      const session = new GatewaySession({
        id,
        owner,
        app,
        maxSpendWei: maxSpendWei ?? null,
        paid,
        channels,
        media,
        clock,
      });
      this.#start(session);
      return session;
    } catch (error) {
      throw await withReceipt(error, paid);
    }
  }

  #start(session: GatewaySession): void {
    this.#sessions.set(session.parts.id, session);
    const run = session.run(this.#parts.limits.idleMs).then(() => {
      if (session.receipt !== undefined) this.#parts.onClosed?.(session, session.receipt);
      this.#forgetOldest();
    });
    this.#runs.add(run);
    void run.finally(() => this.#runs.delete(run));
  }

  #forgetOldest(): void {
    const closed = [...this.#sessions.values()].filter((session) => session.state === 'closed');
    for (const session of closed.slice(0, Math.max(0, closed.length - this.#parts.limits.keepClosed))) {
      this.#sessions.delete(session.parts.id);
    }
  }

  /** Refuses new sessions and closes all; resolves when every receipt is in. */
  async closeAll(reason: string): Promise<void> {
    this.#closing.abort(new HttpError(503, 'closing', 'the gateway is shutting down'));
    await Promise.allSettled([...this.#sessions.values()].map((session) => session.close(reason)));
    await Promise.allSettled(this.#runs);
  }
}

/** Closes a paid session that could not be used, and says in the error what it cost. */
async function withReceipt(error: unknown, paid: PaidSession): Promise<unknown> {
  const receipt = await paid.close().catch(() => undefined);
  if (!(error instanceof HttpError) || receipt === undefined) return error;
  return new HttpError(error.status, error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    fields: { ...error.fields, paidWei: `${receipt.paidWei}` },
    cause: error,
  });
}
