import type { CloseReason } from '../payments/desk.ts';

/** Why a session ended, as clients are told in `Livepeer-Session-Ended`. */
export type ReleaseReason = CloseReason | 'payment-refused';

/** A trickle channel that belongs to a session. */
export interface SessionChannel {
  /** As the runner asked for it. */
  readonly name: string;
  /** `<session id>-<name>`, its name on the trickle server. */
  readonly channelName: string;
  readonly mimeType: string;
}

/** One reserved place on a runner. */
export class RunnerSession {
  readonly id: string;
  readonly token: string;
  readonly reservedAtMs: number;
  /** By the name that the runner gave. */
  readonly channels = new Map<string, SessionChannel>();
  readonly #end = new AbortController();

  constructor(input: { id: string; token: string; reservedAtMs: number }) {
    this.id = input.id;
    this.token = input.token;
    this.reservedAtMs = input.reservedAtMs;
  }

  /** Aborts when the session is released; its reason is a `ReleaseReason`. */
  get released(): AbortSignal {
    return this.#end.signal;
  }

  /** Ends the session once; later calls change nothing. */
  release(reason: ReleaseReason): void {
    this.#end.abort(reason);
  }
}
