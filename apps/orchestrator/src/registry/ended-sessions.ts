import type { ReleaseReason } from './session.ts';

const REMEMBERED = 10_000;

/** Why recent sessions ended, so that a client that asks late is told. Forgets the oldest beyond 10,000. */
export class EndedSessions {
  readonly #reasons = new Map<string, ReleaseReason>();

  remember(runnerId: string, sessionId: string, reason: ReleaseReason): void {
    const key = `${runnerId}/${sessionId}`;
    this.#reasons.delete(key);
    this.#reasons.set(key, reason);
    if (this.#reasons.size <= REMEMBERED) return;
    const oldest = this.#reasons.keys().next();
    if (!oldest.done) this.#reasons.delete(oldest.value);
  }

  reason(runnerId: string, sessionId: string): ReleaseReason | undefined {
    return this.#reasons.get(`${runnerId}/${sessionId}`);
  }
}
